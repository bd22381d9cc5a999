package io.tidings.fanout;

/**
 * Is told of the streams of a node, in the order of what happens to a stream, on its event loop.
 * Must not throw.
 */
public interface StreamListener {
  /** Wants to know nothing. */
  StreamListener NONE =
      new StreamListener() {
        @Override
        public void watches(Subscriber stream) {}

        @Override
        public void begun(Subscriber stream) {}

        @Override
        public void renewed(Subscriber stream) {}

        @Override
        public void left(Subscriber stream) {}
      };

  /** The client of a stream, which has not begun, wants to be told what the listener knows. */
  void watches(Subscriber stream);

  /** A stream has begun to receive. */
  void begun(Subscriber stream);

  /** A stream has other rights, or asks for other topics. */
  void renewed(Subscriber stream);

  /** A stream has ended, which perhaps had not begun. */
  void left(Subscriber stream);
}
