package io.tidings.log;

/**
 * What the segments that were fetched belong to, once all of them are there.
 *
 * @param log whose they are; its segments do not matter
 * @param keep the node's own records up to this offset stay; negative if none does
 * @param term of the last command of the saved state
 * @param index of that command
 * @param voters the configuration of the cluster, of that command or a later one; empty if none is
 *     to be stored
 */
public record FetchedState(LogParts log, long keep, long term, long index, byte[] voters) {}
