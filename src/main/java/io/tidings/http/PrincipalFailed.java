package io.tidings.http;

/** The application's function that tells who makes a request has thrown the cause. */
final class PrincipalFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PrincipalFailed(RuntimeException cause) {
    super(cause);
  }
}
