package io.tidings.log.redis;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.RecordTable;
import io.tidings.log.TooManyRecords;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The commands on the Redis keys that hold expiring records, beside the stream of a log: {@code
 * :expiring}, a stream with the records in order, each with the id of the one before it when it was
 * added; {@code :expiring:keys}, a hash with the record and its id in the stream by kind and key,
 * and how many a kind has, with how many bytes, under its empty key, and how many its owner has of
 * it, under what the key begins with, up to the colon; {@code :expiring:ends}, by the time at which
 * they end. Any thread.
 */
final class RedisRecordStream {
  /** The id before the first record. */
  static final String BEGIN = "0-0";

  private static final int PAGE = 1_000;

  /** The most ended records that are removed when one is added. */
  private static final int PRUNED = 100;

  /**
   * Removes some that have ended by the clocks of both the hub and Redis, since one may be wrong,
   * and adds a record unless there is one with its key.
   */
  private static final String PUT =
      """
      local stream, keys, ends = KEYS[1], KEYS[2], KEYS[3]
      local key, record = ARGV[1], ARGV[2]
      local kind, owner = '^[^\\n]*\\n', '^[^\\n]*\\n[^:]+:'
      local function use(scope, name, more, bytes)
        local field = string.match(name, scope)
        if not field then return nil, 0, 0 end
        local n, b = string.match(redis.call('HGET', keys, field) or '0 0', '(%d+) (%d+)')
        return field, n + more, b + bytes
      end
      local function count(name, more, bytes)
        for _, scope in ipairs({kind, owner}) do
          local field, n, b = use(scope, name, more, bytes)
          if n > 0 then
            redis.call('HSET', keys, field, string.format('%d %d', n, b))
          elseif field then
            redis.call('HDEL', keys, field)
          end
        end
      end
      local time = redis.call('TIME')
      local now = math.min(tonumber(ARGV[4]), time[1] * 1000 + math.floor(time[2] / 1000))
      local before = string.format('%d', now - ARGV[9])
      for _, ended in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', before, 'LIMIT', 0, ARGV[7])) do
        local old = redis.call('HGET', keys, ended)
        if old then
          local id = string.match(old, '^%S+')
          redis.call('XDEL', stream, id)
          count(ended, -1, #id + 1 - #old)
          redis.call('HDEL', keys, ended)
        end
        redis.call('ZREM', ends, ended)
      end
      local first = redis.call('HGET', keys, key)
      if first then return string.sub(first, string.find(first, ' ', 1, true) + 1) end
      local _, owned = use(owner, key, 1, 0)
      if owned > tonumber(ARGV[8]) then return 0 end
      local _, n, b = use(kind, key, 1, #record)
      if n > tonumber(ARGV[5]) or b > tonumber(ARGV[6]) then return false end
      local last = '0-0'
      if redis.call('EXISTS', stream) == 1 then
        local info = redis.call('XINFO', 'STREAM', stream)
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then last = info[i + 1] end
        end
      end
      local id = redis.call('XADD', stream, '*', 'r', record, 'p', last)
      redis.call('HSET', keys, key, id .. ' ' .. record)
      count(key, 1, #record)
      redis.call('ZADD', ends, ARGV[3], key)
      return record
      """;

  /** The id of the last record, and the records after an id. */
  private static final String AFTER =
      """
      local last = '0-0'
      if redis.call('EXISTS', KEYS[1]) == 1 then
        local info = redis.call('XINFO', 'STREAM', KEYS[1])
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then last = info[i + 1] end
        end
      end
      return {last, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])}
      """;

  private final RedisStream log;
  private final String stream;

  /**
   * @param log the stream of the log, through whose connections commands are sent
   */
  RedisRecordStream(RedisStream log) {
    this.log = log;
    this.stream = log.key() + ":expiring";
  }

  /**
   * Records, in order.
   *
   * @param end the id of the last one
   * @param more whether there may be more after it
   * @param lost whether the stream has lost the record after which they were read: it ends before
   *     that, or the next one was added when it did
   */
  record Read(List<ExpiringRecord> records, String end, boolean more, boolean lost) {}

  /**
   * Returns the record that was stored first; empty if there is no room. Fails with {@link
   * TooManyRecords} if there is none for its owner.
   */
  Future<Optional<ExpiringRecord>> putIfAbsent(ExpiringRecord record, Instant now) {
    Request put =
        Request.cmd(Command.EVAL)
            .arg(PUT)
            .arg(3)
            .arg(stream)
            .arg(stream + ":keys")
            .arg(stream + ":ends")
            .arg(record.kind() + "\n" + record.key())
            .arg(encode(record))
            .arg(record.until().toEpochMilli())
            .arg(now.toEpochMilli())
            .arg(RecordTable.MAX_RECORDS)
            .arg(RecordTable.MAX_BYTES)
            .arg(PRUNED)
            .arg(RecordTable.MAX_OF_OWNER)
            .arg(RecordTable.GRACE.toMillis());
    return log.write(put).map(first -> stored(record, first));
  }

  private static Optional<ExpiringRecord> stored(ExpiringRecord record, Response first) {
    if (first != null && first.type() == ResponseType.NUMBER) {
      throw new TooManyRecords(record.kind());
    }
    return Optional.ofNullable(first).map(RedisRecordStream::decode);
  }

  /** Reads the records after an id. */
  Future<Read> after(String id) {
    Request after = Request.cmd(Command.EVAL).arg(AFTER).arg(1).arg(stream).arg(id).arg(PAGE);
    return log.connections().send(after).map(response -> read(id, response));
  }

  private static Read read(String after, Response response) {
    var records = new ArrayList<ExpiringRecord>();
    String end = after;
    for (Response entry : response.get(1)) {
      end = entry.get(0).toString();
      records.add(decode(entry.get(1).get(1)));
    }
    String last = response.get(0).toString();
    boolean lost = compare(last, after) < 0 || compare(previous(after, response), after) < 0;
    return new Read(records, end, records.size() == PAGE, lost);
  }

  /** The id before the first record that was read; if nothing is known of it, that asked for. */
  private static String previous(String after, Response response) {
    if (after.equals(BEGIN) || response.get(1).size() == 0) {
      return after;
    }
    Response fields = response.get(1).get(0).get(1);
    return fields.size() > 3 ? fields.get(3).toString() : after;
  }

  private static int compare(String id, String other) {
    String[] one = id.split("-");
    String[] two = other.split("-");
    int millis = Long.compare(Long.parseLong(one[0]), Long.parseLong(two[0]));
    return millis == 0 ? Long.compare(Long.parseLong(one[1]), Long.parseLong(two[1])) : millis;
  }

  private static Buffer encode(ExpiringRecord record) {
    var bytes = new ByteArrayOutputStream();
    try {
      RecordTable.write(new DataOutputStream(bytes), record);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the output is an array
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  private static ExpiringRecord decode(Response bytes) {
    try (var from = new DataInputStream(new ByteArrayInputStream(bytes.toBytes()))) {
      return RecordTable.readRecord(from);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
