/**
 * What all doors have in common, whether of HTTP or of the event bus: who asks for what, the limits
 * of clients, and what is reported about decisions. Floor 2.
 *
 * <pre>
 *  ClientGuard    keeps clients within their limits; counts and logs who was refused
 *    Caller         who sends a request: a principal at an address
 *    Access         what a caller asks for, through which door
 *    PublishCharge  a publication while it is counted
 *    AuditLog       decisions as JSON lines
 * </pre>
 */
package io.tidings.access;
