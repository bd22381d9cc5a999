package io.tidings.log.raft;

import io.tidings.log.RecordFeed;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * What all runs of a node's engine share.
 *
 * @param life of this node's directory
 * @param voters whose votes count now
 * @param edges adds them and forgets them
 * @param check what is asked before a run
 * @param feed the node's own log and its followers
 * @param records the expiring records that were applied
 * @param fetch what nodes fetch from each other
 * @param answers answers other nodes' requests
 * @param settings has those of a new cluster replicated
 */
record EngineParts(
    RaftLog.Options options,
    NodeLife life,
    CurrentVoters voters,
    EdgeChanges edges,
    StartCheck check,
    InstantSource clock,
    RaftHealth health,
    Proposer proposer,
    LocalFeed feed,
    RecordFeed records,
    NodeFetch fetch,
    Function<String, Future<String>> answers,
    SettingsChange settings) {}
