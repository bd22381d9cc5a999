/**
 * Connections below HTTP: what is added to Vert.x's transport and to its pipelines. Floor 0.
 *
 * <pre>
 *  ThrottledTransport  a native transport whose listening sockets have these handlers:
 *    ConnectionLimit     closes connections beyond the limit
 *    AcceptThrottle      passes new connections on in small batches
 *    GuardInstaller      adds a ConnectionGuard to each HTTP/1 connection, above TLS
 *      ConnectionGuard     half-closed connections, pipelining, protocol switches, closing
 *  ChannelInternals    all that is used of the internals of Netty's channels
 * </pre>
 */
package io.tidings.transport;
