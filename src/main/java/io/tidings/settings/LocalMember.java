package io.tidings.settings;

import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

  /**
   * The address of an edge, which is not in the list: {@code cluster.host}, otherwise the address
   * of this machine from which the first member is reached, and {@code cluster.port}. May block as
   * long as names are resolved.
   *
   * @throws InvalidSetting if there is none, it is in the list, or its port needs TLS
   */
  public static Member ofEdge(ClusterSettings settings) {
    List<Member> members = settings.members();
    if (members.isEmpty()) {
      throw InvalidSetting.of(
          "cluster.members", "[]", "must list some voters of the cluster, which an edge follows");
    }
    int port = settings.port() == 0 ? Member.DEFAULT_PORT : settings.port();
    String host =
        settings.host().equals(Settings.AUTO) ? reaching(members.get(0)) : settings.host();
    var self = new Member(host, port);
    if (members.contains(self)) {
      throw InvalidSetting.of(
          "cluster.members",
          ids(members),
          self.id()
              + " is this edge, and must not be one of them: an edge does not vote; cluster.host and cluster.port are its own address");
    }
    boolean loopback = isLoopback(self, LocalMember::place);
    if (!loopback) {
      checkProtected(settings.tls(), self);
    } else if (!members.stream().allMatch(one -> isLoopback(one, LocalMember::place))) {
      throw InvalidSetting.of(
          "cluster.host", host, "is a loopback address here, on which the others can't reach it");
    }
    return self;
  }

  /** No packet is sent. */
  private static String reaching(Member member) {
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(member.host(), member.port()));
      return socket.getLocalAddress().getHostAddress();
    } catch (SocketException | UncheckedIOException e) {
      throw InvalidSetting.of(
          "cluster.host",
          Settings.AUTO,
          member.id() + " can't be reached, so this edge's own address must be given");
    }
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
