package io.tidings.cluster;

/** The same, where the ring has nearly all of it and memory nearly nothing. */
class RingLogOutOfMemoryTest extends RingLogTest {
  @Override
  long memory() {
    return 1_200;
  }
}
