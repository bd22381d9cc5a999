package io.tidings.limits;

/**
 * An open stream of a client, which counts until this is run. Running it again has no effect, so
 * that every way in which a stream ends may run it. Confined to the thread that opened the stream.
 */
final class StreamPermit implements Runnable {
  private ClientState client;

  StreamPermit(ClientState client) {
    this.client = client;
  }

  @Override
  public void run() {
    if (client != null) {
      client.closeStream();
      client = null;
    }
  }
}
