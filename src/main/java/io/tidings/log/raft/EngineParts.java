package io.tidings.log.raft;

import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * What all runs of a node's engine share.
 *
 * @param feed the node's own log and its followers
 * @param answers answers other nodes' requests
 */
record EngineParts(
    RaftLog.Options options,
    InstantSource clock,
    RaftHealth health,
    Proposer proposer,
    LocalFeed feed,
    Function<String, Future<String>> answers) {}
