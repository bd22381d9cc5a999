/**
 * Connections below HTTP: what is added to Vert.x's transport and to its pipelines. Floor 0.
 *
 * <pre>
 *  ThrottledTransport  a native transport whose listening sockets have these handlers:
 *    ConnectionLimit     closes connections beyond the limit
 *    AcceptThrottle      passes new connections on in small batches
 *    GuardInstaller      adds a ConnectionGuard to each HTTP/1 connection, above TLS
 *      ConnectionGuard     half-closed connections, pipelining, protocol switches, closing
 *    DisconnectThrottle  limits the time that an io_uring event loop spends on clients that are gone
 *      DisconnectQueue     their channels, in the order in which they are served
 *      ThrottledChannel    the completions of one channel, in their order; a failure closes it alone
 *      TimeSlices          half a millisecond, then a pause
 *    CloseThrottle       closes such clients' connections in small batches, with other transports
 *  ChannelInternals    all that is used of the internals of Netty's channels
 * </pre>
 */
package io.tidings.transport;
