package io.tidings.cli;

import io.tidings.event.Position;
import io.tidings.log.raft.ClusterRecovery;
import io.tidings.log.raft.ClusterRecovery.Survey;
import io.tidings.log.raft.RaftVoters;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.LocalMember;
import io.tidings.settings.Member;
import io.tidings.settings.Settings;
import io.tidings.tls.Certificates;
import io.tidings.tls.NodeCertificates;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * {@code cluster recover}: makes one node's log the begin of a new cluster when the majority of its
 * cluster is lost for good.
 */
public final class RecoverCommand {
  static final String HELP =
      """
      java -jar tidings.jar cluster recover [--accept-loss] [settings]

      When the majority of a cluster is lost for good, disks included: makes the log of this node, which is stopped, the
      begin of a new cluster with this node as the only voter. All that this node has is kept. Events that were
      acknowledged and that only the lost nodes had are lost. The log gets a new epoch: clients that received more than
      this node has get a gap. Nodes of the old cluster are refused from then on.

        --accept-loss      do it; without it, only what would be done is printed
        --dir DIR          the node's log.dir; default data
        --config, --set    the node's settings, as it is started with them; also from the environment. Needed are
                           cluster.members, with cluster.host or cluster.port where the node needs them, cluster.name if
                           it is set, and cluster.tls.*, by which the other nodes are asked whether they run

      While a majority can come back, wait for it: nothing is lost then. docs/cluster.md says which node to take.
      """;

  private static final int FAILED = 1;

  private final Settings settings;
  private final PrintStream out;
  private final Path directory;

  private RecoverCommand(Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.directory = Path.of(settings.log().dir());
  }

  /** Prints how it is used. */
  public static int help(PrintStream out) {
    out.print(HELP);
    return 0;
  }

  /**
   * @param settings of the node
   * @return the exit status
   * @throws IOException with a message of one line if the node can't be recovered
   */
  public static int run(RecoverOptions options, Settings settings, PrintStream out)
      throws IOException {
    var command = new RecoverCommand(settings, out);
    try {
      return command.run(options.acceptLoss());
    } catch (IOException e) {
      throw new IOException(command.directory + ": " + e.getMessage(), e);
    }
  }

  private int run(boolean acceptLoss) throws IOException {
    ClusterSettings cluster = settings.cluster();
    RaftVoters voters =
        new RaftVoters(
            cluster.name(),
            LocalMember.of(cluster).id(),
            cluster.members().stream().map(Member::id).toList());
    var recovery =
        new ClusterRecovery(
            voters, directory, new StoppedNodeLog(directory), InstantSource.system());
    Survey survey = recovery.survey(certificates());
    out.print(text(voters.self(), survey));
    if (survey.majority()) {
      throw new IOException(
          "a majority of "
              + String.join(", ", survey.voters())
              + " is there with this node: start it, and nothing is lost");
    } else if (!acceptLoss) {
      out.println(
          "Nothing was changed. If the others are lost for good, repeat it with "
              + RecoverOptions.ACCEPT_LOSS
              + ".");
      return FAILED;
    }
    out.print(text(voters.self(), recovery.run()));
    return 0;
  }

  private Optional<NodeCertificates> certificates() {
    InstantSource clock = InstantSource.system();
    return settings
        .cluster()
        .tls()
        .files()
        .map(files -> new NodeCertificates(Certificates.read(files, clock.instant()), clock));
  }

  static String text(String self, Survey survey) {
    List<String> lost =
        survey.voters().stream()
            .filter(voter -> !voter.equals(self) && !survey.answering().contains(voter))
            .toList();
    String others =
        survey.answering().isEmpty()
            ? ""
            : "%s: runs, and may have more than this node: compare `log info`, and stop it%n"
                .formatted(String.join(", ", survey.answering()));
    return """
    The cluster's voters are %s.
    This node, %s, has applied events up to %s, and has perhaps stored some more.
    No answer from %s. LOST WILL BE the events that were acknowledged and that this node has not stored.
    %s"""
        .formatted(
            String.join(", ", survey.voters()),
            self,
            new Position(survey.epoch(), survey.last()),
            lost.isEmpty() ? "nobody" : String.join(", ", lost),
            others);
  }

  static String text(String self, ClusterRecovery.Result result) {
    return """
    This node is the only voter of a new cluster now. Its log ends at %s, under a new epoch.
    Clients resume without a gap if they had received nothing after %s; others get a gap.
    %sThe old Raft log is in %s; remove it when you don't need it any more.
    Next:
    1. Remove or keep away the log.dir of the other old nodes: they are refused from now on.
    2. Start this node, %s, as before. It is a cluster of one voter, and stores events again.
    3. Start each further node with an empty log.dir and cluster.join=true, then:
       java -jar tidings.jar cluster voters %s ADDRESS ADDRESS
    """
        .formatted(
            result.last(),
            result.common(),
            result.damage().map(damage -> "NOT ALL COULD BE READ: " + damage + "\n").orElse(""),
            result.kept(),
            self,
            self);
  }
}
