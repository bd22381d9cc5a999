package io.tidings.log.disk;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.RecordStorage;
import io.tidings.log.RecordTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The file {@code expiring} with the expiring records of a single node. Whatever {@code log.sync}
 * is, records are on the disk when they were added: they are few, and a revocation that is lost is
 * a token that is valid again. One thread.
 *
 * <pre>
 *  0   8  "TDEXPIR1"
 *  8   8  the length of the part that was written before the file got its name
 * 16   4  the checksum (CRC-32C) of the 16 bytes before
 * 20      frames: 4 "TDER", 4 length of the records, 4 their checksum, and the records
 * </pre>
 *
 * <p>Records that are added together are one frame, and the next one is written when that is on the
 * disk. So a crash leaves at most one damaged frame, at the end and behind the first part; what
 * else is damaged was so by a fault, and is not repaired by guessing.
 */
final class RecordFile implements RecordStorage {
  static final String NAME = "expiring";

  private static final long MAGIC = 0x5444455850495231L; // TDEXPIR1
  private static final int FRAME = 0x54444552; // TDER
  private static final int HEADER = 20;
  private static final int FRAME_HEADER = 12;

  /** The records of a frame in the first part have about so many bytes. */
  private static final int FRAME_BYTES = 64 << 10;

  /** A smaller file is not compacted. */
  private static final long SMALL = 64 << 10;

  private final Directory directory;

  /** Null until the file was written by this process. */
  private DataFile file;

  private long end;

  /** Whether the file may have something else than the records that were added. */
  private boolean unsettled = true;

  RecordFile(Directory directory) {
    this.directory = directory;
  }

  /**
   * What a directory has.
   *
   * @param tornBytes those of an addition that was not completed
   */
  record Contents(List<ExpiringRecord> records, long tornBytes) {}

  /**
   * Reads the records; none if there is no file.
   *
   * @throws IOException with a message of one line, if the file is damaged
   */
  static Contents read(Directory directory) throws IOException {
    if (!directory.exists(NAME)) {
      return new Contents(List.of(), 0);
    }
    ByteBuffer bytes = ByteBuffer.wrap(directory.read(NAME));
    if (bytes.limit() < HEADER
        || bytes.getLong(0) != MAGIC
        || bytes.getInt(16) != SegmentFormat.sum(bytes, 0, 16)) {
      throw damaged("its header is damaged");
    }
    return read(bytes, bytes.getLong(8));
  }

  private static Contents read(ByteBuffer bytes, long firstPart) throws IOException {
    var records = new ArrayList<ExpiringRecord>();
    int at = HEADER;
    while (at < bytes.limit() && isFrame(bytes, at)) {
      int length = bytes.getInt(at + 4);
      decode(bytes.array(), at + FRAME_HEADER, length, records);
      at += FRAME_HEADER + length;
    }
    if (at < firstPart || hasFrameAfter(bytes, at)) {
      throw damaged("byte " + at + " and those after it are damaged");
    }
    return new Contents(records, bytes.limit() - at);
  }

  private static IOException damaged(String what) {
    return new IOException(
        NAME
            + ": "
            + what
            + "; restore the file from a backup, or remove it: then no token counts as revoked");
  }

  private static boolean isFrame(ByteBuffer bytes, int at) {
    if (at + FRAME_HEADER > bytes.limit() || bytes.getInt(at) != FRAME) {
      return false;
    }
    int length = bytes.getInt(at + 4);
    return length > 0
        && length <= bytes.limit() - at - FRAME_HEADER
        && bytes.getInt(at + 8)
            == SegmentFormat.sum(bytes, at + FRAME_HEADER, at + FRAME_HEADER + length);
  }

  private static boolean hasFrameAfter(ByteBuffer bytes, int damaged) {
    for (int at = damaged + 1; at + FRAME_HEADER <= bytes.limit(); at++) {
      if (isFrame(bytes, at)) {
        return true;
      }
    }
    return false;
  }

  private static void decode(byte[] bytes, int at, int length, List<ExpiringRecord> to)
      throws IOException {
    try (var from = new DataInputStream(new ByteArrayInputStream(bytes, at, length))) {
      while (from.available() > 0) {
        to.add(RecordTable.readRecord(from));
      }
    }
  }

  @Override
  public void add(Collection<ExpiringRecord> records) throws IOException {
    var content = new ByteArrayOutputStream();
    records.forEach(record -> encode(record, content));
    var frame = new ByteArrayOutputStream();
    putFrame(content, frame);
    unsettled = true;
    file.write(ByteBuffer.wrap(frame.toByteArray()), end);
    file.force();
    end += frame.size();
    unsettled = false;
  }

  @Override
  public void replace(List<ExpiringRecord> records) throws IOException {
    unsettled = true;
    close();
    byte[] content = firstPart(records);
    String temporary = NAME + Directory.TEMPORARY;
    DataFile created = directory.create(temporary);
    try {
      created.write(ByteBuffer.wrap(content), 0);
      created.force();
      directory.rename(temporary, NAME);
      directory.force();
    } catch (IOException e) {
      created.close();
      throw e;
    }
    file = created;
    end = content.length;
    unsettled = false;
  }

  private static byte[] firstPart(List<ExpiringRecord> records) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(new byte[HEADER]);
    var content = new ByteArrayOutputStream();
    for (ExpiringRecord record : records) {
      encode(record, content);
      if (content.size() >= FRAME_BYTES) {
        putFrame(content, all);
      }
    }
    if (content.size() > 0) {
      putFrame(content, all);
    }
    ByteBuffer bytes = ByteBuffer.wrap(all.toByteArray());
    bytes.putLong(0, MAGIC).putLong(8, bytes.limit());
    bytes.putInt(16, SegmentFormat.sum(bytes, 0, 16));
    return bytes.array();
  }

  private static void encode(ExpiringRecord record, ByteArrayOutputStream to) {
    try {
      RecordTable.write(new DataOutputStream(to), record);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the output is an array
    }
  }

  /** Moves the content into a frame. */
  private static void putFrame(ByteArrayOutputStream content, ByteArrayOutputStream to) {
    byte[] records = content.toByteArray();
    content.reset();
    ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER).putInt(FRAME).putInt(records.length);
    header.putInt(SegmentFormat.sum(ByteBuffer.wrap(records), 0, records.length));
    to.writeBytes(header.array());
    to.writeBytes(records);
  }

  @Override
  public boolean mustBeReplaced(long liveBytes) {
    return unsettled || end > SMALL && end > 2 * liveBytes;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      DataFile open = file;
      file = null;
      open.close();
    }
  }
}
