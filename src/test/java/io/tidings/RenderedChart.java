package io.tidings;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

/** The objects that the chart gives Kubernetes for one of its files of values. */
record RenderedChart(List<JsonObject> objects) {
  private static final Path HELM = Path.of("target/chart/bin/helm");
  private static final Path CHART = Path.of("deploy/helm/tidings");

  /**
   * @param values a file in the chart's {@code ci}
   * @param more further options of {@code helm template}
   */
  static RenderedChart of(String values, String... more) throws IOException, InterruptedException {
    if (!Files.isExecutable(HELM)) {
      throw new AssertionError(HELM + " is not there; make chart-test and make test build it");
    }
    var command =
        new ArrayList<>(
            List.of(
                HELM.toString(),
                "template",
                "live",
                CHART.toString(),
                "--values",
                CHART.resolve("ci").resolve(values).toString()));
    command.addAll(List.of(more));
    Process helm =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(helm.getInputStream().readAllBytes(), UTF_8);
    if (helm.waitFor() != 0) {
      throw new AssertionError("helm template failed for " + values);
    }
    return new RenderedChart(
        StreamSupport.stream(new Yaml().loadAll(text).spliterator(), false)
            .filter(Map.class::isInstance)
            .map(RenderedChart::json)
            .toList());
  }

  @SuppressWarnings("unchecked") // the keys of objects of Kubernetes are strings
  private static JsonObject json(Object object) {
    return new JsonObject((Map<String, Object>) object);
  }

  /** The only object of a kind whose name ends so. */
  private JsonObject object(String kind, String end) {
    List<JsonObject> found =
        objects.stream()
            .filter(one -> one.getString("kind").equals(kind))
            .filter(one -> one.getJsonObject("metadata").getString("name").endsWith(end))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects " + kind + " ..." + end);
    }
    return found.get(0);
  }

  /** The names for which the nodes' certificate is. */
  List<String> certificateNames() {
    JsonArray names =
        object("Certificate", "-nodes").getJsonObject("spec").getJsonArray("dnsNames");
    return names.stream().map(String.class::cast).toList();
  }

  /** What the pods of the StatefulSet are made of. */
  PodTemplate members() {
    return new PodTemplate(container("StatefulSet", "live-tidings"), config("member"));
  }

  /** What the pods of the Deployment are made of. */
  PodTemplate edges() {
    return new PodTemplate(container("Deployment", "live-tidings-edge"), config("edge"));
  }

  /**
   * What the pods of a workload have in common.
   *
   * @param container the only one
   * @param config the file with the hub's settings
   */
  record PodTemplate(JsonObject container, String config) {}

  private String config(String component) {
    return object("ConfigMap", component).getJsonObject("data").getString("config.yaml");
  }

  private JsonObject container(String kind, String end) {
    return object(kind, end)
        .getJsonObject("spec")
        .getJsonObject("template")
        .getJsonObject("spec")
        .getJsonArray("containers")
        .getJsonObject(0);
  }
}
