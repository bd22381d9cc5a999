package io.tidings.scenes;

import com.sun.management.OperatingSystemMXBean;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** The use of processor and heap by this process. */
public final class ProcessLoad {
  private static final double MIB = 1 << 20;

  private final String node;
  private final InstantSource clock;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /**
   * @param node the name of this node
   * @param clock the time of the readings
   */
  ProcessLoad(String node, InstantSource clock) {
    this.node = node;
    this.clock = clock;
  }

  /**
   * @return {@code {"node", "time", "cpuPercent", "heapMiB"}}: the share of all processors since
   *     the previous call, and the used heap including garbage
   */
  JsonObject read() {
    double cpu = Math.max(0, system.getProcessCpuLoad()); // negative before the first measurement
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return new JsonObject()
        .put("node", node)
        .put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString())
        .put("cpuPercent", oneDecimal(100 * cpu))
        .put("heapMiB", oneDecimal(heap / MIB));
  }

  private static double oneDecimal(double number) {
    return Math.round(10 * number) / 10.0;
  }
}
