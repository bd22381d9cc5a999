package io.tidings.log.raft;

import io.tidings.log.FetchedLog;
import io.tidings.log.SegmentSource;

/**
 * A node's own copy of the log.
 *
 * @param opener opens it
 * @param source what other nodes fetch of it
 * @param fetched what this node fetches from others
 */
public record LocalFiles(LocalLogOpener opener, SegmentSource source, FetchedLog fetched) {}
