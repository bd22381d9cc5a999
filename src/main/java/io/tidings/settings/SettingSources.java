package io.tidings.settings;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads settings from the command line, the environment ({@code TIDINGS_HTTP_PORT} for {@code
 * http.port}) and a file; the first of these that has a key determines its value.
 */
public final class SettingSources {
  private static final String PREFIX = "TIDINGS_";

  private static final System.Logger LOG = System.getLogger(SettingSources.class.getName());

  /**
   * Variables that Kubernetes and Docker define in containers next to a service whose name is
   * tidings or begins with tidings-.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "TIDINGS_((\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)"
              + "|NAME|ENV_\\w*)");

  /** A link whose name may also be that of a setting; only its value shows that it is a link. */
  private static final Pattern PORT_LINK = Pattern.compile("TIDINGS_(\\w+_)?PORT");

  private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  /** Lines of YAML without content. */
  private static final Pattern EMPTY_LINE = Pattern.compile("|#.*|---|\\.\\.\\.|null|~");

  private SettingSources() {}

  /**
   * @param file a YAML file, on disk or in the jar
   * @param environment the environment variables of the process
   * @param commandLine values by dotted key
   * @return the settings; fails with {@link InvalidSetting} if they can't be read or are invalid
   */
  public static Future<Settings> read(
      Vertx vertx, String file, Map<String, String> environment, Map<String, String> commandLine) {
    return vertx
        .fileSystem()
        .readFile(file)
        .compose(
            text ->
                (isEmpty(text) ? noValues() : load(vertx, file))
                    .recover(e -> Future.failedFuture(unreadable(file, e)))
                    .map(json -> fromFile(file, text.toString(), json)))
        .recover(e -> Future.failedFuture(e instanceof InvalidSetting ? e : unreadable(file, e)))
        .map(
            values -> {
              values.putAll(fromEnvironment(environment));
              values.putAll(commandLine);
              return Settings.of(values);
            });
  }

  private static Map<String, Object> fromFile(String file, String yaml, JsonObject json) {
    Map<String, Object> values = DottedKeys.of(json.getMap());
    Set<String> known = Settings.defaults().keySet();
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw UnknownKey.inFile(file, yaml, key, known);
      }
    }
    return values;
  }

  /**
   * Whether the file has comments only, as the default one does; vertx-config fails on such files.
   */
  private static boolean isEmpty(Buffer yaml) {
    return yaml.toString().lines().map(String::strip).allMatch(EMPTY_LINE.asMatchPredicate());
  }

  private static Future<JsonObject> noValues() {
    return Future.succeededFuture(new JsonObject());
  }

  private static Future<JsonObject> load(Vertx vertx, String file) {
    var yaml =
        new ConfigStoreOptions()
            .setType("file")
            .setFormat("yaml")
            .setConfig(new JsonObject().put("path", file));
    var options = new ConfigRetrieverOptions().setScanPeriod(-1).addStore(yaml);
    ConfigRetriever retriever = ConfigRetriever.create(vertx, options);
    return retriever.getConfig().eventually(retriever::close);
  }

  private static InvalidSetting unreadable(String file, Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    if (deepest instanceof ClassNotFoundException || deepest instanceof NoClassDefFoundError) {
      return InvalidSetting.of(
          "--config", file, "needs a library: add the dependency io.vertx:vertx-config-yaml");
    }
    if (deepest instanceof ClassCastException) {
      return InvalidSetting.of("--config", file, "must have keys and values");
    }
    String reason = String.valueOf(deepest.getMessage()).strip().replaceAll("\\s+", " ");
    return InvalidSetting.of("--config", file, "can't be read: " + reason);
  }

  private static Map<String, Object> fromEnvironment(Map<String, String> environment) {
    var keys = new LinkedHashMap<String, String>();
    Settings.defaults().keySet().forEach(key -> keys.put(variable(key), key));
    var values = new LinkedHashMap<String, Object>();
    var links = new TreeSet<String>();
    environment.forEach(
        (variable, value) -> {
          if (isServiceLink(variable, value, keys.containsKey(variable))) {
            links.add(variable);
          } else if (keys.containsKey(variable)) {
            values.put(keys.get(variable), value);
          } else if (variable.startsWith(PREFIX)) {
            throw UnknownKey.inEnvironment(variable, keys.keySet());
          }
        });
    if (!links.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "ignored environment variables that are service links, not settings: "
              + String.join(", ", links));
    }
    return values;
  }

  private static boolean isServiceLink(String variable, String value, boolean setting) {
    return !setting && SERVICE_LINK.matcher(variable).matches()
        || PORT_LINK.matcher(variable).matches() && ADDRESS.matcher(value).matches();
  }

  private static String variable(String key) {
    return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
