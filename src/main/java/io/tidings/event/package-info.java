/**
 * What is said, where, and which of it somebody wants to hear. Floor 0: knows nothing of the other
 * rooms.
 */
package io.tidings.event;
