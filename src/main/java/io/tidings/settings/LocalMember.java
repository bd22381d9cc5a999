package io.tidings.settings;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds out which of {@code cluster.members} this process is: the only one whose host is an address
 * of this machine, unless {@code cluster.host} and {@code cluster.port} say which.
 */
public final class LocalMember {
  /** Where a host is, seen from this machine. */
  enum Place {
    LOOPBACK,
    HERE,
    ELSEWHERE
  }

  private LocalMember() {}

  /**
   * Resolves the names of the members. May block for as long as that takes.
   *
   * @throws InvalidSetting if none or several of the members can be this process, or its port needs
   *     TLS
   */
  public static Member of(ClusterSettings settings) {
    return of(settings, LocalMember::place);
  }

  /**
   * @param place where a host is
   */
  static Member of(ClusterSettings settings, Function<String, Place> place) {
    List<Member> members = settings.members();
    if (members.isEmpty()) {
      throw InvalidSetting.of(
          "cluster.members",
          "[]",
          "must list all members of the cluster, this one included, such as [node1, node2, node3]");
    }
    List<Member> found =
        members.stream()
            .filter(member -> settings.port() == 0 || member.port() == settings.port())
            .filter(
                member ->
                    settings.host().equals(Settings.AUTO)
                        ? place.apply(member.host()) != Place.ELSEWHERE
                        : member.host().equalsIgnoreCase(settings.host()))
            .toList();
    if (found.size() != 1) {
      throw InvalidSetting.of(
          "cluster.members",
          ids(members),
          found.isEmpty() ? none(settings) : several(settings, found));
    }
    Member self = found.get(0);
    boolean loopback = isLoopback(self, place);
    if (!loopback) {
      checkProtected(settings.tls(), self);
    }
    if (loopback && !members.stream().allMatch(one -> isLoopback(one, place))) {
      throw InvalidSetting.of(
          "cluster.members",
          ids(members),
          self.host() + " is a loopback address here, on which the others can't reach this node");
    }
    return self;
  }

  /** Who reaches a node's port may read, write and delete the log, unless TLS keeps him out. */
  private static void checkProtected(NodeTls tls, Member self) {
    if (tls.files().isEmpty() && !tls.open()) {
      throw InvalidSetting.of(
          "cluster.open",
          false,
          "whoever reaches "
              + self.id()
              + " could change the log: set cluster.tls.cert, .key and .ca, or cluster.open=true"
              + " if only nodes can reach it");
    }
  }

  private static boolean isLoopback(Member member, Function<String, Place> place) {
    return place.apply(member.host()) == Place.LOOPBACK;
  }

  private static String none(ClusterSettings settings) {
    return "none is this node"
        + (settings.host().equals(Settings.AUTO)
            ? ", since no host is an address of this machine"
            : " by cluster.host=" + settings.host())
        + (settings.port() == 0 ? "" : " with cluster.port=" + settings.port())
        + "; cluster.host and cluster.port must say which of them it is";
  }

  private static String several(ClusterSettings settings, List<Member> found) {
    boolean onePort = found.stream().mapToInt(Member::port).distinct().count() == 1;
    return ids(found)
        + " can all be this node; "
        + (settings.port() != 0 || onePort ? "cluster.host" : "cluster.port")
        + " must say which of them it is";
  }

  private static String ids(List<Member> members) {
    return members.stream().map(Member::id).collect(Collectors.joining(", "));
  }

  /** The place of the host's addresses; a host that can't be resolved is elsewhere. */
  private static Place place(String host) {
    try {
      boolean loopback = false;
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (address.isLoopbackAddress()) {
          loopback = true;
        } else if (NetworkInterface.getByInetAddress(address) != null) {
          return Place.HERE;
        }
      }
      return loopback ? Place.LOOPBACK : Place.ELSEWHERE;
    } catch (UnknownHostException | SocketException e) {
      return Place.ELSEWHERE;
    }
  }
}
