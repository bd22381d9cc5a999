package io.tidings.scenes;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.zip.GZIPOutputStream;

/**
 * Some seconds of real work: writes a file of random hexadecimal digits, then compresses it into
 * another and hashes it. Runs on a worker thread, which it blocks; any thread may cancel it.
 */
final class Job {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int DIGITS_PER_LONG = 16;

  /** Left free on the disk, which may hold the hub's log too. */
  private static final long MIN_FREE_BYTES = 1L << 30;

  private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final long bytes;
  private final Consumer<JsonObject> progress;
  private final LongSupplier nanoTime;
  private final SplittableRandom random = new SplittableRandom();
  private volatile boolean cancelled;
  private long done;
  private long reportedBytes;
  private long reportedNanos;

  /**
   * @param bytes the size of the file
   * @param progress is called on the worker thread, several times a second, with {@code {"step",
   *     "percent", "bytesPerSecond"}}
   */
  Job(long bytes, Consumer<JsonObject> progress) {
    this(bytes, progress, System::nanoTime);
  }

  /**
   * @param nanoTime the clock for reports and rates, as {@link System#nanoTime}
   */
  Job(long bytes, Consumer<JsonObject> progress, LongSupplier nanoTime) {
    this.bytes = bytes;
    this.progress = progress;
    this.nanoTime = nanoTime;
  }

  void cancel() {
    cancelled = true;
  }

  /**
   * Runs the job. Its files are deleted when it ends, and also when the process is killed.
   *
   * @return {@code {"bytes", "compressedBytes", "sha256", "seconds"}}
   * @throws CancellationException if it was cancelled
   */
  JsonObject run() throws IOException {
    long begin = nanoTime.getAsLong();
    reportedNanos = begin;
    try (FileChannel file = temporaryFile();
        FileChannel compressed = temporaryFile()) {
      write(file);
      file.position(0);
      String hash = compress(file, compressed);
      return new JsonObject()
          .put("bytes", file.size())
          .put("compressedBytes", compressed.size())
          .put("sha256", hash)
          .put("seconds", Math.round((nanoTime.getAsLong() - begin) / 1e7) / 1e2);
    }
  }

  /** A temporary file. On Unix it is unlinked at once, so it ends with the channel. */
  private static FileChannel temporaryFile() throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    if (Files.getFileStore(directory).getUsableSpace() < MIN_FREE_BYTES) {
      throw new IOException("less than " + MIN_FREE_BYTES + " bytes are free in " + directory);
    }
    return FileChannel.open(
        directory.resolve("tidings-scene-" + UUID.randomUUID()),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  private void write(FileChannel file) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear();
      while (chunk.hasRemaining()) {
        putDigits(chunk, random.nextLong());
      }
      chunk.flip().limit((int) Math.min(left, CHUNK_BYTES));
      while (chunk.hasRemaining()) {
        file.write(chunk);
      }
      report("making", chunk.limit());
    }
  }

  private static void putDigits(ByteBuffer chunk, long number) {
    for (int i = 0; i < DIGITS_PER_LONG; i++) {
      chunk.put(DIGITS[(int) (number >>> (4 * i)) & 0xf]);
    }
  }

  private String compress(FileChannel from, FileChannel to) throws IOException {
    MessageDigest hash = sha256();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    var gzip = new GZIPOutputStream(Channels.newOutputStream(to), CHUNK_BYTES);
    while (from.read(chunk.clear()) > 0) {
      hash.update(chunk.array(), 0, chunk.position());
      gzip.write(chunk.array(), 0, chunk.position());
      report("compressing", chunk.position());
    }
    gzip.finish(); // not close: the size of the file is read afterwards
    return HexFormat.of().formatHex(hash.digest());
  }

  private void report(String step, int bytesDone) {
    if (cancelled) {
      throw new CancellationException();
    }
    done += bytesDone;
    long now = nanoTime.getAsLong();
    if (now - reportedNanos < REPORT_NANOS) {
      return;
    }
    progress.accept(
        new JsonObject()
            .put("step", step)
            .put("percent", 50 * done / bytes)
            .put(
                "bytesPerSecond",
                Math.round((done - reportedBytes) * 1e9 / (now - reportedNanos))));
    reportedNanos = now;
    reportedBytes = done;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
