package io.tidings.chaos;

/**
 * An event as a reader received it.
 *
 * @param event its name, which its publisher gave to no other event
 * @param id the id that a reader resumes with
 */
record Delivery(String event, String topic, String id) {}
