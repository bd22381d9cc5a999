package io.tidings.cuts;

/**
 * A published event.
 *
 * @param number of the publication
 * @param region of the publisher
 * @param publishedAt when the publisher sent it
 */
record Event(int number, int region, long publishedAt) {}
