/**
 * What one client may do: open streams, streams opened, events and bytes published, and logins that
 * failed, at this node; and what publishers did lately. Floor 1.
 *
 * <pre>
 *  ClientLimits    counts, and refuses: LimitExceeded
 *    LimitKey        whom is counted together: a principal, or the network of an address
 *    ClientTable     the clients that were active lately; its size is fixed
 *      ClientState     one client's open streams (StreamPermit) and token buckets
 *    Rate            the arithmetic of a token bucket
 *  RecentPublishers  who published or was refused in the last minute: PublisherRate
 *    PublisherState  one publisher's counts: MinuteCount
 * </pre>
 */
package io.tidings.limits;
