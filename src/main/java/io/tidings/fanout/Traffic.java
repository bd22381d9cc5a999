package io.tidings.fanout;

/** How a stream's deliveries are counted. */
public enum Traffic {
  /** As what clients receive. */
  CLIENT,

  /** Apart: a dashboard's own stream must not move the plots that it shows. */
  DASHBOARD
}
