package io.tidings.log.redis;

/** The same with nearly all entries in Redis only. */
class RedisLogOutOfMemoryTest extends RedisLogTest {
  @Override
  long memory() {
    return 1_200;
  }
}
