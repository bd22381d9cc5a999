package example;

import io.vertx.core.Vertx;

/** Starts the chat: {@code java -jar embedded.jar [port]}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int port = arguments.length == 0 ? 8081 : Integer.parseInt(arguments[0]);
    Vertx vertx = Vertx.vertx();
    vertx
        .deployVerticle(new Chat(port))
        .onFailure(
            failure -> {
              failure.printStackTrace();
              vertx.close();
            });
  }
}
