import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One stream of events, line by line, as a client of HTTP/1.1 must read it: without the framing of chunks, wherever chunks
 * and reads cut it. Makes no object for a line. Confined to one thread.
 */
final class EventStream implements AutoCloseable {
  /** Takes a line, without its end. */
  interface Lines {
    void line(byte[] bytes, int from, int length) throws IOException;
  }

  /** Where in the framing a byte is. */
  private enum Framing {
    SIZE,
    REST_OF_SIZE_LINE,
    DATA,
    END_OF_CHUNK
  }

  private final Socket socket;
  private final InputStream in;
  private final byte[] bytes = new byte[1 << 18];
  private Framing framing = Framing.SIZE;
  private long chunk;

  /** How many bytes of a line that has not ended are at the beginning of the buffer. */
  private int kept;

  /**
   * Opens the stream, and reads the head of the answer.
   *
   * @param millis how long a read waits; 0: for ever
   */
  EventStream(int port, String target, int millis) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(millis);
    socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    in = socket.getInputStream();
    var head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("no answer: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 200") || !head.toString().toLowerCase().contains("\r\ntransfer-encoding: chunked\r\n")) {
      throw new IOException("no stream: " + head);
    }
  }

  /** Whether a line is the data of an event, which here is never JSON; that of the hub's own blocks is. */
  static boolean eventData(byte[] bytes, int from, int length) {
    return begins(bytes, from, length, "data: ") && length > 6 && bytes[from + 6] != '{';
  }

  /** Whether a line begins with these ASCII characters. */
  static boolean begins(byte[] bytes, int from, int length, String with) {
    if (length < with.length()) {
      return false;
    }
    for (int i = 0; i < with.length(); i++) {
      if (bytes[from + i] != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Waits until something comes, and hands on the lines that ended with it.
   *
   * @throws EOFException where the stream has ended
   */
  void read(Lines lines) throws IOException {
    int count = in.read(bytes, kept, bytes.length - kept);
    if (count < 0) {
      throw new EOFException("the stream has ended");
    }
    int end = unframed(kept, kept + count);
    int begin = 0;
    for (int i = kept; i < end; i++) {
      if (bytes[i] == '\n') {
        lines.line(bytes, begin, i - begin);
        begin = i + 1;
      }
    }
    kept = end - begin;
    if (kept == bytes.length) {
      throw new IOException("a line of more than " + kept + " bytes");
    }
    System.arraycopy(bytes, begin, bytes, 0, kept);
  }

  /** Takes the framing out of what was read, in place, and returns where it ends then. */
  private int unframed(int from, int to) throws IOException {
    int end = from;
    for (int i = from; i < to; ) {
      if (framing == Framing.DATA) {
        int piece = (int) Math.min(chunk, to - i);
        System.arraycopy(bytes, i, bytes, end, piece);
        end += piece;
        i += piece;
        chunk -= piece;
        framing = chunk == 0 ? Framing.END_OF_CHUNK : Framing.DATA;
        continue;
      }
      frame((char) bytes[i++]);
    }
    return end;
  }

  private void frame(char next) throws IOException {
    if (framing == Framing.END_OF_CHUNK) {
      framing = next == '\n' ? Framing.SIZE : framing;
    } else if (next == '\n') {
      if (chunk == 0) {
        throw new EOFException("the stream has ended");
      }
      framing = Framing.DATA;
    } else if (framing == Framing.SIZE && Character.digit(next, 16) >= 0) {
      chunk = chunk * 16 + Character.digit(next, 16);
    } else {
      framing = Framing.REST_OF_SIZE_LINE;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
