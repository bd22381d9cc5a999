import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that listens, and is measured.
 *
 * @param name as tables show it
 * @param sub the path of a stream, as sseload wants it: %d is the number of the topic
 * @param pub the path to which an event is published, likewise
 * @param options what sseload needs for this server beside them
 */
record Server(String name, Process process, int port, String sub, String pub, List<String> options) implements AutoCloseable {
  /** The numbers of it and its descendants. */
  List<String> pids() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants()).map(each -> "" + each.pid()).toList();
  }

  /** How many files and sockets it and its descendants have open. */
  long openFiles() throws IOException {
    long open = 0;
    for (String pid : pids()) {
      try (Stream<Path> files = Files.list(Path.of("/proc", pid, "fd"))) {
        open += files.count();
      } catch (NoSuchFileException ended) {
        // it has none open
      }
    }
    return open;
  }

  /** The same server, with other paths. */
  Server at(String otherSub, String otherPub) {
    return new Server(name, process, port, otherSub, otherPub, options);
  }

  /** Waits until it listens, for ten seconds at most. */
  Server listening() throws IOException, InterruptedException {
    for (int i = 0; i < 200 && process.isAlive(); i++) {
      try (var probe = new Socket("127.0.0.1", port)) {
        return this;
      } catch (IOException notYet) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    close();
    throw new IOException(name + " does not listen: see target/bench/" + name + ".log");
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy(); // first, or it would start others
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      children.forEach(ProcessHandle::destroy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
