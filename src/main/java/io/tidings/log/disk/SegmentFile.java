package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The open file of a segment: its header and the bytes after it. One thread writes, any thread
 * reads and forces. It can be read until {@link #close}, even after {@link #delete}.
 */
final class SegmentFile {
  private final Directory directory;
  private final DataFile file;
  private final boolean headerDamaged;
  private final boolean writable;
  private volatile SegmentFormat.Header header;
  private final Object forcing = new Object();
  private IOException forceFailure; // guarded by forcing

  private SegmentFile(
      Directory directory,
      DataFile file,
      SegmentFormat.Header header,
      boolean headerDamaged,
      boolean writable) {
    this.directory = directory;
    this.file = file;
    this.header = header;
    this.headerDamaged = headerDamaged;
    this.writable = writable;
  }

  /**
   * Creates a file and writes its header. An existing file of that name is replaced atomically,
   * because its header may be all that keeps the records of a failed append from being read.
   */
  static SegmentFile create(Directory directory, SegmentFormat.Header header) throws IOException {
    String name = SegmentFormat.segmentName(header.first());
    DataFile file = directory.createAtomically(name, header.encoded());
    return new SegmentFile(directory, file, header, false, true);
  }

  /**
   * Opens an existing file.
   *
   * @param fallback the header to assume if that of the file is damaged
   */
  static SegmentFile open(
      Directory directory, String name, SegmentFormat.Header fallback, Directory.Access access)
      throws IOException {
    boolean writable = access == Directory.Access.READ_WRITE;
    DataFile file = directory.open(name, access);
    try {
      ByteBuffer bytes = ByteBuffer.allocate(SegmentFormat.HEADER);
      file.readFully(bytes, 0);
      Optional<SegmentFormat.Header> header = SegmentFormat.header(bytes.flip());
      boolean damaged = header.isEmpty();
      if (writable && file.size() < SegmentFormat.HEADER) { // a power cut while it was created
        file.write(header.orElse(fallback).encoded(), 0);
        damaged = false;
      }
      return new SegmentFile(directory, file, header.orElse(fallback), damaged, writable);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  String name() {
    return SegmentFormat.segmentName(header.first());
  }

  SegmentFormat.Header header() {
    return header;
  }

  /** Whether both copies of the header are damaged, so that {@link #header} is an assumption. */
  boolean headerDamaged() {
    return headerDamaged;
  }

  /** Takes over the salt that the segment's index knows, in case the header is damaged. */
  void useSalt(long salt) {
    header = header.withSalt(salt);
  }

  boolean writable() {
    return writable;
  }

  /** The size in bytes, including bytes that do not count. */
  long size() throws IOException {
    return file.size();
  }

  /** A reader of the first bytes of the file. */
  SegmentReader reader(long length) {
    return reader(header.salt(), length);
  }

  /** A reader of the first bytes of the file, whose records have the given salt. */
  SegmentReader reader(long salt, long length) {
    return new SegmentReader(file, salt, length);
  }

  void write(ByteBuffer bytes, long position) throws IOException {
    file.write(bytes, position);
  }

  void truncate(long length) throws IOException {
    file.truncate(length);
  }

  /**
   * Forces what was written to the disk. Any thread. After a failure every later call fails too:
   * what is on the disk is unknown then, and the system does not try to write it again.
   */
  void force() throws IOException {
    synchronized (forcing) {
      if (forceFailure != null) {
        throw new IOException(forceFailure.getMessage(), forceFailure);
      }
      try {
        file.force();
      } catch (IOException e) {
        forceFailure = e;
        throw e;
      }
    }
  }

  /** Copies the first bytes of the file. */
  void copyTo(Directory target, long length) throws IOException {
    LogCopy.file(file, target, name(), length);
  }

  /** Removes the name of the file from the directory. */
  void delete() throws IOException {
    directory.delete(name());
  }

  void close() throws IOException {
    file.close();
  }
}
