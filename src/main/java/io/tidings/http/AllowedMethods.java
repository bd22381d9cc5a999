package io.tidings.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.TreeSet;

/**
 * The methods that the routes of a router have for a path, as the header {@code Allow} lists them.
 */
final class AllowedMethods {
  private static final String DELIMITER = "/";
  private static final String PARAMETER = ":";

  private AllowedMethods() {}

  /**
   * The methods of the routes for the path itself, or else of those for any path.
   *
   * @param path of a request, normalized
   */
  static String of(Router router, String path) {
    var own = new TreeSet<String>();
    var others = new TreeSet<String>();
    for (Route route : router.getRoutes()) {
      if (route.getPath() == null) {
        others.addAll(names(route));
      } else if (isFor(route.getPath(), path)) {
        own.addAll(names(route));
      }
    }
    return String.join(", ", own.isEmpty() ? others : own);
  }

  /** Empty for a route of all methods, as those of errors are. */
  private static List<String> names(Route route) {
    return route.methods() == null
        ? List.of()
        : route.methods().stream().map(HttpMethod::name).toList();
  }

  private static boolean isFor(String template, String path) {
    String[] expected = template.split(DELIMITER, -1);
    String[] given = path.split(DELIMITER, -1);
    boolean matches = expected.length == given.length;
    for (int i = 0; matches && i < given.length; i++) {
      matches = expected[i].startsWith(PARAMETER) || expected[i].equals(given[i]);
    }
    return matches;
  }
}
