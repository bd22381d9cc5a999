package io.tidings.log.redis;

import io.tidings.log.redis.RecordStore.Stored;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.List;

/** A connection for blocking reads at the end of a stream. One command at a time. */
final class RedisTail {
  private final Redis client;
  private final RedisConnection connection;
  private final String key;

  /**
   * @param client the connection's own, which is closed with it
   */
  RedisTail(Redis client, RedisConnection connection, String key) {
    this.client = client;
    this.connection = connection;
    this.key = key;
  }

  /** Whether the stream has reached that entry, and has no other in its place. */
  Future<Boolean> contains(Stored entry) {
    String id = RedisStream.id(entry.offset());
    Request range = Request.cmd(Command.XRANGE).arg(key).arg(id).arg(id);
    return RedisStream.newest(key, this::send)
        .compose(
            newest ->
                send(range)
                    .map(RedisStream::entries)
                    .map(
                        found ->
                            newest >= entry.offset()
                                && (found.isEmpty()
                                    || found.get(0).stored().bytes().equals(entry.bytes()))));
  }

  private Future<Response> send(Request request) {
    return RedisConnections.withTimeout(connection.send(request));
  }

  /** Reads the entries after an offset, as soon as there are some; none after the block time. */
  Future<List<RedisStream.Read>> next(long after, int max, int blockMillis) {
    Request read = Request.cmd(Command.XREAD).arg("COUNT").arg(max).arg("BLOCK");
    return RedisConnections.withTimeout(
            connection.send(
                read.arg(blockMillis).arg("STREAMS").arg(key).arg(RedisStream.id(after))),
            blockMillis + RedisConnections.COMMAND_MILLIS)
        .map(
            response ->
                response == null ? List.of() : RedisStream.entries(entriesOfStream(response)));
  }

  /** RESP3 answers with a map, RESP2 with a list of pairs. */
  private Response entriesOfStream(Response response) {
    return response.type() == ResponseType.MULTI && response.isMap()
        ? response.get(key)
        : response.get(0).get(1);
  }

  /** Closes the connection, also while a read blocks. */
  Future<Void> close() {
    return client.close();
  }
}
