package io.tidings.fanout;

/** How a stream's deliveries are counted. */
public enum Traffic {
  /** Counted as delivered to clients. */
  CLIENT,

  /** Counted separately: a dashboard's own stream must not affect the plots that it shows. */
  DASHBOARD
}
