package io.tidings.log.redis;

/**
 * The same with nearly all entries in Redis only: all but some ten, by which repetitions are
 * recognised.
 */
class RedisLogOutOfMemoryTest extends RedisLogTest {
  @Override
  long memory() {
    return 3_000;
  }
}
