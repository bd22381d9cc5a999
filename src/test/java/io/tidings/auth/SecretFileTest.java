package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
  @TempDir Path dir;

  private Path file(String content, String permissions) throws Exception {
    Path file = dir.resolve("secret");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }

  private static void refused(Path file, String rule) {
    var e = assertThrows(UnusableKeys.class, () -> SecretFile.read(file));
    assertTrue(e.getMessage().startsWith(rule), e.getMessage());
  }

  @Test
  void aNewSecretHas256RandomBitsAndIsForItsOwnerOnly() throws Exception {
    Path file = dir.resolve("made/deep/secret");
    SecretFile.create(file);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        "rwxr-x---",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    assertTrue(Files.readString(file).matches("[A-Za-z0-9_-]{43}\n"));
    Path other = dir.resolve("other");
    SecretFile.create(other);
    assertNotEquals(Files.readString(file), Files.readString(other));
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** As root makes a token for a hub that runs as another user; who is not root has nobody's. */
  @Test
  void aNewSecretBelongsToTheOwnerOfTheDirectory() throws Exception {
    UserPrincipal owner = Files.getOwner(dir);
    if (Files.getAttribute(dir, "unix:uid").equals(0)) {
      owner = dir.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
      Files.setOwner(dir, owner);
    }
    Path file = dir.resolve("data/secret");
    SecretFile.create(file);
    assertEquals(owner, Files.getOwner(file));
    assertEquals(owner, Files.getOwner(file.getParent()));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  /** The hub's user could have put it there, if it were not to be trusted. */
  @Test
  void theOwnerOfWhatALinkLeadsToIsNotChanged() throws Exception {
    Path target = Files.createFile(dir.resolve("target"));
    UserPrincipal before = Files.getOwner(target);
    Path link = Files.createSymbolicLink(dir.resolve("link"), target);
    UserPrincipal other =
        dir.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    SecretFile.giveTo(other, link);
    assertEquals(before, Files.getOwner(target));
  }

  @Test
  void anExistingSecretStaysAsItIs() throws Exception {
    Path file = file("x".repeat(40), "rw-------");
    SecretFile.create(file);
    assertEquals("x".repeat(40), Files.readString(file));
  }

  @Test
  void ofManyThatCreateItAtOnceAllUseTheFirst() throws Exception {
    Path file = dir.resolve("secret");
    int many = 16;
    var barrier = new CyclicBarrier(many);
    var threads = Executors.newFixedThreadPool(many);
    List<Callable<String>> tasks =
        IntStream.range(0, many)
            .<Callable<String>>mapToObj(
                i ->
                    () -> {
                      barrier.await();
                      SecretFile.create(file);
                      return Files.readString(file);
                    })
            .toList();
    var secrets = new HashSet<String>();
    for (var secret : threads.invokeAll(tasks)) {
      secrets.add(secret.get(20, TimeUnit.SECONDS));
    }
    threads.shutdown();
    assertEquals(1, secrets.size());
    try (var files = Files.list(dir)) {
      assertEquals(
          List.of("secret"),
          files.map(one -> one.getFileName().toString()).collect(Collectors.toList()));
    }
  }

  @Test
  void theKeyIsTheTextWithoutTheEndOfItsLine() throws Exception {
    byte[] expected = "x".repeat(32).getBytes(StandardCharsets.US_ASCII);
    for (String end : List.of("", "\n", "\r\n")) {
      assertArrayEquals(
          expected, SecretFile.read(file("x".repeat(32) + end, "rw-------")).getEncoded());
    }
  }

  @Test
  void aSecretThatIsShortLongMissingOrOpenIsRefused() throws Exception {
    refused(file("", "rw-------"), "must have at least 32 bytes");
    refused(file("x".repeat(31) + "\n", "rw-------"), "must have at least 32 bytes");
    refused(file("x".repeat(4097), "rw-------"), "must have at most 4096 bytes");
    refused(file("x".repeat(32), "rw-r--r--"), "must not be readable by all users");
    refused(file("x".repeat(32), "rw----r--"), "must not be readable by all users");
    SecretFile.read(file("x".repeat(32), "rw-r-----"));
    refused(dir.resolve("absent"), "does not exist");
    refused(dir, "");
  }
}
