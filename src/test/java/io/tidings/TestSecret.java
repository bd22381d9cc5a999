package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file with a hub's own secret, and tokens of it, made as people make them. */
record TestSecret(Path file) {
  static TestSecret create() {
    try {
      Path file = Files.createTempFile("tidings", ".secret"); // only its owner can read it
      file.toFile().deleteOnExit();
      return new TestSecret(
          Files.writeString(file, "a secret of the tests, with more than 32 characters"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value of {@code --set}. */
  String setting() {
    return "auth.secret=" + file;
  }

  /** A token with the arguments of {@code java -jar tidings.jar token}. */
  String token(String... more) throws IOException {
    var arguments = new ArrayList<>(List.of("token", "--set", setting()));
    arguments.addAll(List.of(more));
    try (var command = JarProcess.start(arguments.toArray(String[]::new))) {
      assertEquals(0, command.exitCode(), command::toString);
      return command.output().get(0);
    }
  }
}
