package io.tidings.log.raft;

import io.tidings.log.SegmentPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The other nodes, as one that fetches the log asks them. Blocks; bounded in time. */
final class FetchPeers {
  private static final long ANSWER_MILLIS = 1_000;
  private static final long CHUNK_MILLIS = 5_000;
  private static final long WAIT_MILLIS = 100;
  private static final int MAX_WAITS = 300;

  private final String self;
  private final Transport transport;

  /** Sends requests; tests have their own. */
  interface Transport {
    /** The other nodes. */
    List<String> nodes();

    CompletableFuture<byte[]> fetch(String node, FetchRequest request);
  }

  FetchPeers(String self, Transport transport) {
    this.self = self;
    this.transport = transport;
  }

  /** The other nodes. */
  List<String> nodes() {
    return transport.nodes();
  }

  /** Tells all other nodes, at once, and returns what those answer that understand it. */
  Map<String, FetchNote.Answer> tell(FetchNote note) {
    Map<String, CompletableFuture<Optional<FetchNote.Answer>>> asked = new LinkedHashMap<>();
    for (String node : transport.nodes()) {
      asked.put(
          node,
          transport
              .fetch(node, FetchRequest.of(note))
              .orTimeout(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
              .thenApply(FetchPeers::noteAnswer)
              .exceptionally(failure -> Optional.empty()));
    }
    Map<String, FetchNote.Answer> answers = new LinkedHashMap<>();
    asked.forEach((node, one) -> one.join().ifPresent(answer -> answers.put(node, answer)));
    return answers;
  }

  private static Optional<FetchNote.Answer> noteAnswer(byte[] answer) {
    try {
      return FetchAnswer.kind(answer) == FetchAnswer.Kind.TEXT
          ? FetchNote.Answer.decode(new String(FetchAnswer.content(answer), StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Asks a node what can be fetched from it; waits while it looks. */
  FetchManifest manifest(String node) throws PeerFailed, InterruptedException {
    for (int i = 0; i < MAX_WAITS; i++) {
      byte[] answer = ask(node, FetchRequest.of(FetchRequest.Kind.MANIFEST, self));
      try {
        switch (FetchAnswer.kind(answer)) {
          case TEXT -> {
            return FetchManifest.decode(
                new String(FetchAnswer.content(answer), StandardCharsets.UTF_8));
          }
          case WAIT -> Thread.sleep(WAIT_MILLIS);
          case BUSY -> throw failed(node, "others fetch from it", null);
          default -> throw failed(node, "its answer can't be understood", null);
        }
      } catch (PeerFailed e) {
        throw e;
      } catch (IOException e) {
        throw failed(node, e.getMessage(), e);
      }
    }
    throw failed(node, "it does not say what it has", null);
  }

  byte[] state(String node, FetchManifest.SavedState state, long position, int length)
      throws PeerFailed, InterruptedException {
    return bytes(
        node,
        FetchRequest.of(
            FetchRequest.Kind.STATE, self, state.term(), state.index(), position, (long) length),
        length);
  }

  byte[] segment(String node, SegmentPart part, long position, int length)
      throws PeerFailed, InterruptedException {
    return bytes(
        node,
        FetchRequest.of(
            FetchRequest.Kind.SEGMENT, self, part.first(), part.salt(), position, (long) length),
        length);
  }

  private byte[] bytes(String node, FetchRequest request, int length)
      throws PeerFailed, InterruptedException {
    byte[] answer = ask(node, request);
    try {
      FetchAnswer.Kind kind = FetchAnswer.kind(answer);
      if (kind != FetchAnswer.Kind.BYTES) {
        throw failed(node, "it has removed what was to be fetched next", null);
      }
      byte[] content = FetchAnswer.content(answer);
      if (content.length != length) {
        throw failed(node, "its answer can't be understood", null);
      }
      return content;
    } catch (PeerFailed e) {
      throw e;
    } catch (IOException e) {
      throw failed(node, e.getMessage(), e);
    }
  }

  private byte[] ask(String node, FetchRequest request) throws PeerFailed, InterruptedException {
    try {
      return transport.fetch(node, request).get(CHUNK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw failed(node, "it does not answer: " + e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw failed(node, "it does not answer in time", e);
    }
  }

  private static PeerFailed failed(String node, String reason, Throwable cause) {
    return new PeerFailed(node + ": " + reason, cause);
  }
}
