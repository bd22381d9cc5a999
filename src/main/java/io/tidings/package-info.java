/**
 * Tidings, an event hub: any program publishes events to topics, and any client subscribes with one
 * HTTP request and receives them in order, each once, and after a lost connection exactly what it
 * missed.
 *
 * <h2>Vocabulary</h2>
 *
 * <ul>
 *   <li>event: what is published: topics (the first is canonical), type, data, perhaps an id
 *   <li>entry: an event with its position in the log
 *   <li>position: epoch and offset; offsets grow, are never used twice and need not be dense; an
 *       epoch is one life of a log
 *   <li>frame: an entry's bytes in {@code text/event-stream}, made once
 *   <li>chunk: frames joined into one buffer, shared by many sockets
 *   <li>filter: the topics and globs of one stream
 *   <li>selection: the events that a stream receives: its filter, and the part of it of which it
 *       receives private ones
 *   <li>wire format: SSE events, SSE events with JSON envelopes, or NDJSON. The hub's own events
 *       have a type {@code hub.*}, and data whenever they move the client's last event id
 *   <li>audience: all streams on one event loop with the same selection and wire format
 *   <li>subscriber: one open stream: a cursor into the log
 *   <li>outlet: where one stream's bytes are written
 *   <li>principal: who makes a request: issuer and subject, with grants
 * </ul>
 *
 * <h2>Laws</h2>
 *
 * <ol>
 *   <li>Append, then deliver. The log has one order, and every subscriber sees it.
 *   <li>Every subscriber is a cursor: live at the head of its audience, or catching up from the
 *       log. There is no queue per subscriber.
 *   <li>Encode once, write many. Nothing is allocated per delivery that can be shared.
 *   <li>Rights are part of the filter: a stream has what it asked for, as far as its principal may
 *       read it; after that there is no check per event.
 *   <li>A loss is always reported in the stream: {@code event: hub.gap}.
 *   <li>Memory has one budget. Window, chunks, pages, pending batches and queues draw on it; when
 *       it is exhausted, publishing is answered 503, and that is logged.
 *   <li>Imports go downstairs, and a test enforces it; another, {@code InternalApisTest}, lists
 *       each internal API of Vert.x, Netty and Hazelcast with the one class that uses it.
 * </ol>
 *
 * <h2>One event's journey</h2>
 *
 * <pre>
 *  http      PublishRoute          request -&gt; Event
 *  bus       Intake                validates it; from HTTP and from the event bus
 *  log       EventLog.append       a position (group commit)
 *            EventLog.follow       every entry, in order, in batches
 *  bus       LiveFeed              each batch once to each event loop (local, by reference)
 *  fanout    DeliveryScheduler     which audiences have something to deliver; a failing one is isolated
 *  fanout    Delivery              joins the frames of an audience into one shared chunk
 *  fanout    Outlet                writes that chunk to every live socket of the audience
 * </pre>
 *
 * <h2>Rooms and floors</h2>
 *
 * A file imports from its own room and from lower floors.
 *
 * <pre>
 *  8  io.tidings (Main, HubNode)  settings -&gt; Vert.x -&gt; verticles; shutdown
 *  7  cli                     the command line
 *  6  http                    the routes
 *  5  presence                who is present at which topic
 *  4  fanout                  delivery on one event loop
 *     producer                the built-in publisher: clock, timers, keyboard
 *     dashboard               the statistics of the last 30 minutes
 *     scenes                  the back end of the example pages
 *     cluster                 several processes as one: reports, duties, the clustered event bus
 *  3  bus                     Intake, event-bus addresses, relays
 *  2  log                     EventLog and what all logs share
 *     log.disk                segments, indexes, recovery
 *     log.redis               a log that several hubs share, in Redis Streams
 *     log.raft                what the nodes of a cluster compute from the same commands
 *     access                  what all doors have in common: limits of clients, the audit log
 *  1  wire                    the wire formats: SSE and NDJSON
 *     auth                    principals, grants, tokens
 *     limits                  what one client may do
 *     logging                 logging of the process
 *     tls                     the certificates of the HTTP port
 *  0  event                   events, topics, filters, positions
 *     settings                settings and their sources
 *     metrics                 counters and timers
 *     memory                  the memory budget and its shares
 *     transport               connections below HTTP: native transports, accept throttle
 * </pre>
 */
package io.tidings;
