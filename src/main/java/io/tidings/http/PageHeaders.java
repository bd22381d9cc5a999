package io.tidings.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileProps;
import io.vertx.core.file.FileSystem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Adds to the responses of a static handler the headers that it lacks: an ETag, and a
 * Content-Security-Policy for pages. Inline scripts are allowed by their hashes (CSP 3). Confined
 * to one event loop.
 */
final class PageHeaders implements Handler<RoutingContext> {
  private static final String POLICY =
      "default-src 'self'; img-src 'self' data:; script-src 'self'%s; object-src 'none'; base-uri 'none'; "
          + "form-action 'self'; frame-ancestors 'none'";
  private static final Pattern INLINE_SCRIPT =
      Pattern.compile("<script(?![^>]*\\bsrc=)[^>]*>(.*?)</script>", Pattern.DOTALL);

  private final String root;
  private final String mountedAt;

  /** The headers of existing files, by path. */
  private final Map<String, FileHeaders> cache = new HashMap<>();

  /**
   * @param root the folder that the static handler serves
   * @param mountedAt the path that it is mounted at, without a trailing slash
   */
  PageHeaders(String root, String mountedAt) {
    this.root = root;
    this.mountedAt = mountedAt;
  }

  /** The headers of one file; valid as long as its time and size are unchanged. */
  private record FileHeaders(long modified, long size, String etag, String policy) {
    boolean describes(FileProps file) {
      return file.lastModifiedTime() == modified && file.size() == size;
    }
  }

  /** Adds the headers that every response of the router has. */
  static void addCommon(RoutingContext context) {
    context
        .response()
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer");
    context.next();
  }

  @Override
  public void handle(RoutingContext context) {
    String path = context.normalizedPath();
    if (path == null || !path.startsWith(mountedAt + "/")) {
      context.next();
      return;
    }
    String relative = path.substring(mountedAt.length());
    String file = root + (relative.endsWith("/") ? relative + "index.html" : relative);
    HttpServerRequest request = context.request();
    request.pause();
    find(context.vertx().fileSystem(), file)
        .onComplete(
            found -> {
              request.resume();
              // if the file does not exist, the static handler answers 404
              if (found.failed()
                  || !answeredNotModified(request, context.response(), found.result())) {
                context.next();
              }
            });
  }

  private Future<FileHeaders> find(FileSystem files, String file) {
    return files
        .props(file)
        .compose(
            props -> {
              if (!props.isRegularFile()) {
                return Future.failedFuture("not a regular file");
              }
              FileHeaders cached = cache.get(file);
              if (cached != null && cached.describes(props)) {
                return Future.succeededFuture(cached);
              }
              return files
                  .readFile(file)
                  .map(
                      content -> {
                        FileHeaders read = headersOf(file, props, content);
                        cache.put(file, read);
                        return read;
                      });
            });
  }

  private static FileHeaders headersOf(String file, FileProps props, Buffer content) {
    byte[] bytes = content.getBytes();
    String etag = '"' + Base64.getUrlEncoder().encodeToString(sha256(bytes)).substring(0, 22) + '"';
    return new FileHeaders(
        props.lastModifiedTime(),
        props.size(),
        etag,
        file.endsWith(".html") ? policy(new String(bytes, StandardCharsets.UTF_8)) : "");
  }

  private static String policy(String page) {
    var hashes = new StringBuilder();
    for (var script = INLINE_SCRIPT.matcher(page).results().iterator(); script.hasNext(); ) {
      byte[] hash = sha256(script.next().group(1).getBytes(StandardCharsets.UTF_8));
      hashes.append(" 'sha256-").append(Base64.getEncoder().encodeToString(hash)).append("'");
    }
    return POLICY.formatted(hashes);
  }

  /** Sets the headers, and answers 304 if the client has the current version. */
  private static boolean answeredNotModified(
      HttpServerRequest request, HttpServerResponse response, FileHeaders file) {
    response.putHeader(HttpHeaders.ETAG, file.etag);
    if (!file.policy.isEmpty()) {
      response.putHeader("Content-Security-Policy", file.policy);
    }
    String ifNoneMatch = request.getHeader(HttpHeaders.IF_NONE_MATCH);
    if (ifNoneMatch == null) {
      return false;
    }
    if (ifNoneMatch.equals("*") || ifNoneMatch.contains(file.etag)) {
      response.setStatusCode(304).end();
      return true;
    }
    request
        .headers()
        .remove(HttpHeaders.IF_MODIFIED_SINCE); // If-None-Match takes precedence (RFC 9110, 13.2.2)
    return false;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }
}
