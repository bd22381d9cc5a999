package raft;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The way of a group from a node to the leader: one TCP connection, any number of requests unanswered. A request is id, length, bytes;
 * an answer is id and whether the group was committed.
 */
final class Forwarding {
  private Forwarding() {}

  /** The client's side. A connection that breaks fails what is unanswered: whether it was committed is not known. */
  static final class Client implements Closeable {
    private final Map<Long, CompletableFuture<Void>> unanswered = new ConcurrentHashMap<>();
    private final Socket socket = new Socket();
    private final DataOutputStream out;

    /** Guarded by this. */
    private long lastId;

    Client(int port) throws IOException {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 64 << 10));
      daemon("forward-answers", this::readAnswers);
    }

    CompletableFuture<Void> send(byte[] group) {
      var answer = new CompletableFuture<Void>();
      synchronized (this) {
        long id = ++lastId;
        unanswered.put(id, answer);
        try {
          out.writeLong(id);
          out.writeInt(group.length);
          out.write(group);
          out.flush();
        } catch (IOException e) {
          close();
        }
      }
      if (socket.isClosed()) {
        failAll();
      }
      return answer;
    }

    private void readAnswers() {
      try (var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()))) {
        while (true) {
          CompletableFuture<Void> answer = unanswered.remove(in.readLong());
          if (in.readBoolean()) {
            answer.complete(null);
          } else {
            answer.completeExceptionally(new IllegalStateException("the leader has not committed it"));
          }
        }
      } catch (IOException e) {
        close();
      }
    }

    boolean isClosed() {
      return socket.isClosed();
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      failAll();
    }

    private void failAll() {
      for (Long id : unanswered.keySet()) {
        CompletableFuture<Void> answer = unanswered.remove(id);
        if (answer != null) {
          answer.completeExceptionally(new IOException("the connection to the leader has ended"));
        }
      }
    }
  }

  /** Accepts groups of other nodes; the function submits them, or fails when this node is not the leader. */
  static void serve(int port, Function<byte[], CompletableFuture<Void>> submit) throws IOException {
    var server = new ServerSocket(port, 16, InetAddress.getLoopbackAddress());
    daemon("forward-accept", () -> {
      while (true) {
        try {
          Socket socket = server.accept();
          socket.setTcpNoDelay(true);
          daemon("forward-requests", () -> readRequests(socket, submit));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    });
  }

  private static void readRequests(Socket socket, Function<byte[], CompletableFuture<Void>> submit) {
    try (socket) {
      var in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 << 10));
      var out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 256));
      while (true) {
        long id = in.readLong();
        var group = new byte[in.readInt()];
        in.readFully(group);
        submit.apply(group).whenComplete((nothing, failure) -> answer(socket, out, id, failure == null));
      }
    } catch (IOException e) {
      System.err.println("a forwarding node has left: " + e.getMessage());
    }
  }

  private static void answer(Socket socket, DataOutputStream out, long id, boolean committed) {
    synchronized (out) {
      try {
        out.writeLong(id);
        out.writeBoolean(committed);
        out.flush();
      } catch (IOException e) {
        try {
          socket.close();
        } catch (IOException again) {
          e.addSuppressed(again);
        }
      }
    }
  }

  private static void daemon(String name, Runnable task) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
