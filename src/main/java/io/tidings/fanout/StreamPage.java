package io.tidings.fanout;

import java.util.List;

/**
 * Some of the open streams of a node.
 *
 * @param streams by their handles
 * @param more whether there are streams after the last one
 */
public record StreamPage(List<StreamInfo> streams, boolean more) {}
