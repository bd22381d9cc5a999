package io.tidings.http;

import io.tidings.access.ClientGuard;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.OpenStreams;

/** What a node answers to itself and to others about its own streams and publishers. */
public final class NodeAnswers {
  private NodeAnswers() {}

  /** Makes a node answer. Called once for each node. */
  public static void register(AllNodes nodes, OpenStreams streams, ClientGuard guard) {
    StreamsRoute.answer(nodes, streams);
    PublishersRoute.answer(nodes, guard.publishers());
    DeliveryReports.answer(nodes, streams);
  }
}
