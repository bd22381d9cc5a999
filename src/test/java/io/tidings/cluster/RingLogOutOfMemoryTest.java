package io.tidings.cluster;

/** The same with nearly all entries in the ring only. */
class RingLogOutOfMemoryTest extends RingLogTest {
  @Override
  long memory() {
    return 1_200;
  }
}
