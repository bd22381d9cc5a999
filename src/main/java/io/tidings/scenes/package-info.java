/**
 * What the example pages under {@code /scenes/} show: a job's progress, an answer word by word, the
 * hub's own log and its load. A page asks with an ordinary event, and hears what comes of it as
 * ordinary events. Floor 4.
 */
package io.tidings.scenes;
