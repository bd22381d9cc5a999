package io.tidings.scenes;

import com.sun.management.OperatingSystemMXBean;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How hard this process works. */
public final class ProcessLoad {
  private static final double MIB = 1 << 20;

  private final String node;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /**
   * @param node what this process is called
   */
  ProcessLoad(String node) {
    this.node = node;
  }

  /**
   * @return {@code {"node", "time", "cpuPercent", "heapMiB"}}: of all processors, since it was read
   *     before; and of the heap what is used, also by what nobody needs any more
   */
  JsonObject read() {
    double cpu = Math.max(0, system.getProcessCpuLoad()); // negative while it is not known yet
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return new JsonObject()
        .put("node", node)
        .put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
        .put("cpuPercent", oneDigit(100 * cpu))
        .put("heapMiB", oneDigit(heap / MIB));
  }

  private static double oneDigit(double number) {
    return Math.round(10 * number) / 10.0;
  }
}
