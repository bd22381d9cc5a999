package io.tidings.producer;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Publishes the lines typed at the console: {@code text} goes to the topic {@code keyboard},
 * {@code @topic text} to any other. Reads on its own daemon thread, which ends with the input;
 * lines that are not valid are logged.
 */
final class Keyboard {
  private static final System.Logger LOG = System.getLogger(Keyboard.class.getName());
  private static final String TOPIC = "keyboard";
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final int END = -1;

  private final InputStream console;
  private final Consumer<Event> publisher;
  private final TerminalForeground foreground;
  private final Thread reader = new Thread(this::readAll, "tidings-keyboard");
  private volatile boolean stopped;

  Keyboard(InputStream console, Consumer<Event> publisher) {
    this.console = new BufferedInputStream(console);
    this.publisher = publisher;
    this.foreground = new TerminalForeground(this.console, console == System.in);
    reader.setDaemon(true);
  }

  void start() {
    if (!foreground.closed()) {
      reader.start();
    }
  }

  /** Stops publishing. The thread may block until one more line, which is dropped. */
  void stop() {
    stopped = true;
    reader.interrupt();
  }

  /** The event of a line. */
  static Event event(String line) {
    if (!line.startsWith("@")) {
      return Event.of(TOPIC, line);
    }
    int space = line.indexOf(' ');
    return space < 0
        ? Event.of(line.substring(1), "")
        : Event.of(line.substring(1, space), line.substring(space + 1));
  }

  private void readAll() {
    try {
      var line = new ByteArrayOutputStream();
      boolean tooLong = false;
      while (!stopped) {
        foreground.await();
        int b = console.read();
        if (b != '\n' && b != END) {
          tooLong |= line.size() == MAX_LINE_BYTES;
          if (!tooLong) {
            line.write(b);
          }
          continue;
        }
        if (tooLong) {
          reject("line", "must have at most " + MAX_LINE_BYTES + " bytes");
        } else if (line.size() > 0) {
          publish(line.toByteArray());
        }
        if (b == END) {
          return;
        }
        line.reset();
        tooLong = false;
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.INFO, "the console is closed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    }
  }

  private void publish(byte[] bytes) {
    try {
      String line = TextRules.utf8("line", bytes).stripTrailing();
      if (!line.isEmpty() && !stopped) {
        publisher.accept(event(line));
      }
    } catch (InvalidEvent e) {
      reject(e.field(), e.rule());
    }
  }

  private static void reject(String field, String rule) {
    LOG.log(System.Logger.Level.WARNING, "keyboard: " + field + ": " + rule);
  }
}
