package io.tidings.log.disk;

import io.tidings.log.LogParts;
import io.tidings.log.SegmentPart;
import io.tidings.log.SegmentSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/**
 * The segments in the directory of the hub of this process, read beside it: of the newest one, the
 * records that it has committed. Nothing is kept open, so the retention frees the disk at once. Any
 * thread.
 */
final class DiskSegmentSource implements SegmentSource {
  private static final int ATTEMPTS = 10;

  private final Directory files;

  DiskSegmentSource(Directory files) {
    this.files = files;
  }

  @Override
  public LogParts parts() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return committed();
      } catch (NoSuchFileException e) { // the retention has just removed it
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private LogParts committed() throws IOException {
    var directory = new LogDirectory(files);
    LogDirectory.Identity identity =
        directory.identity().orElseThrow(() -> new IOException("has no log yet"));
    long last =
        CommitMark.read(files).orElseThrow(() -> new IOException("its log is being opened"));
    List<Segment> segments = directory.open(identity.epoch(), last);
    try {
      return new LogParts(
          identity.epoch(),
          identity.ancestors(),
          segments.stream().map(DiskSegmentSource::part).toList());
    } catch (IllegalArgumentException e) {
      throw new IOException("its log is damaged: " + e.getMessage(), e);
    } finally {
      segments.forEach(Segment::release);
    }
  }

  private static SegmentPart part(Segment segment) {
    SegmentContents contents = segment.contents();
    return new SegmentPart(
        segment.first(),
        segment.previous(),
        segment.file().header().salt(),
        contents.last(),
        contents.length(),
        contents.records());
  }

  @Override
  public byte[] read(long first, long salt, long position, int length) throws IOException {
    String name = SegmentFormat.segmentName(first);
    try (DataFile file = files.open(name, Directory.Access.READ_ONLY)) {
      ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER);
      file.readFully(header, 0);
      Optional<SegmentFormat.Header> now = SegmentFormat.header(header.flip());
      ByteBuffer bytes = ByteBuffer.allocate(length);
      if (now.isEmpty() || now.get().salt() != salt || file.readFully(bytes, position) < length) {
        throw new NoSuchFileException(name, null, "was replaced");
      }
      return bytes.array();
    }
  }
}
