/**
 * The publishers behind the example pages under {@code /scenes/}: a job's progress, an answer word
 * by word, the hub's own log and its load. Pages send their requests as ordinary events, and
 * receive the results as ordinary events. Floor 4.
 */
package io.tidings.scenes;
