package io.tidings.log.disk;

/**
 * The part of an {@link IndexFile} that describes its segment.
 *
 * @param salt the salt of the segment's header
 * @param first the lowest offset of the segment, as in its header
 * @param contents the records of the segment
 */
record IndexHeader(long salt, long first, SegmentContents contents) {}
