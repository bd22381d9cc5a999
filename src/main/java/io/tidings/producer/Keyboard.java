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
 * Makes events of the lines typed at the console: {@code text} goes to the topic {@code keyboard},
 * {@code @topic text} to any other. Reads on a thread of its own, which keeps no process alive;
 * what can't be said is told on the console, and at the end of the input it just ends.
 */
final class Keyboard {
  private static final System.Logger LOG = System.getLogger(Keyboard.class.getName());
  private static final String TOPIC = "keyboard";
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int END = -1;

  private final InputStream console;
  private final Consumer<Event> events;
  private final TerminalForeground foreground;
  private final Thread reader = new Thread(this::readAll, "tidings-keyboard");
  private volatile boolean stopped;

  Keyboard(InputStream console, Consumer<Event> events) {
    this.console = new BufferedInputStream(console);
    this.events = events;
    this.foreground = new TerminalForeground(this.console, console == System.in);
    reader.setDaemon(true);
  }

  void start() {
    if (!foreground.closed()) {
      reader.start();
    }
  }

  /** Says nothing any more. The thread may wait for one more line, which nobody will hear. */
  void stop() {
    stopped = true;
    reader.interrupt();
  }

  /** The event that a line means. */
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
          tooLong |= line.size() == LONGEST_LINE;
          if (!tooLong) {
            line.write(b);
          }
          continue;
        }
        if (tooLong) {
          refuse("line", "must have at most " + LONGEST_LINE + " bytes");
        } else if (line.size() > 0) {
          say(line.toByteArray());
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

  private void say(byte[] bytes) {
    try {
      String line = TextRules.utf8("line", bytes).stripTrailing();
      if (!line.isEmpty() && !stopped) {
        events.accept(event(line));
      }
    } catch (InvalidEvent e) {
      refuse(e.field(), e.rule());
    }
  }

  private static void refuse(String field, String rule) {
    LOG.log(System.Logger.Level.WARNING, "keyboard: " + field + ": " + rule);
  }
}
