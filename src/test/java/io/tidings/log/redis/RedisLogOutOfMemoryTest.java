package io.tidings.log.redis;

/** The same, where Redis has nearly all of it and memory nearly nothing. */
class RedisLogOutOfMemoryTest extends RedisLogTest {
  @Override
  long memory() {
    return 1_200;
  }
}
