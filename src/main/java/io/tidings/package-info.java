/**
 * Tidings, an event hub: whoever has news publishes events to topics, whoever wants to know opens
 * one HTTP request and hears them: in order, each once, and after a lost connection exactly what
 * was missed.
 *
 * <h2>Words</h2>
 *
 * <ul>
 *   <li>event: what is said: topics (the first is the canonical one), type, data, perhaps an id
 *   <li>entry: an event and its place in the log: what is remembered
 *   <li>position: that place: epoch and offset; offsets grow and are never used twice; an epoch is
 *       one life of a log
 *   <li>frame: an entry's bytes in {@code text/event-stream}, made once
 *   <li>chunk: frames joined for many sockets
 *   <li>filter: what one stream asked to hear
 *   <li>wire: as what a stream hears: events, events in envelopes, or lines of JSON. What the hub
 *       itself adds has a type {@code hub.*}, and data wherever it moves the client's last id
 *   <li>audience: all streams on one event loop with the same filter, on the same wire
 *   <li>subscriber: one open stream: a cursor into the log
 *   <li>outlet: the way to one client's socket
 * </ul>
 *
 * <h2>Laws</h2>
 *
 * <ol>
 *   <li>Append, then deliver. The log has one order, and that order is what every subscriber sees.
 *   <li>Every subscriber is a cursor: live at the head of its audience, or catching up from the
 *       log. There is no queue per subscriber.
 *   <li>Encode once, write many. Nothing is allocated per delivery that can be shared.
 *   <li>A loss is always said, in the stream: {@code event: hub.gap}.
 *   <li>Memory has one budget. Window, chunks, pages, pending batches and queues draw on it; when
 *       it is spent, publishing is answered 503 and logged.
 *   <li>Imports go downstairs, and a test enforces it; another, {@code InternalApisTest}, lists
 *       each internal API of Vert.x, Netty and Hazelcast with the one class that uses it.
 * </ol>
 *
 * <h2>One event's journey</h2>
 *
 * <pre>
 *  http      PublishRoute          request -&gt; Event
 *  bus       Intake                checks it, be it from HTTP or from a request on the event bus
 *  log       EventLog.append       a place in the order (group commit: what waits together is written together)
 *            EventLog.follow       hands every entry on, in order, in batches
 *  bus       Live                  each batch once to each event loop (local, by reference)
 *  fanout    DeliveryScheduler     which audiences have something to deliver; one that fails is isolated
 *  fanout    Delivery              the frames joined into one shared chunk, audience by audience
 *  fanout    Outlet                that chunk, to every live socket of the audience
 * </pre>
 *
 * <h2>Rooms and floors</h2>
 *
 * A file imports from its own room and from lower floors.
 *
 * <pre>
 *  7  io.tidings (Main, Hub)  settings -&gt; Vert.x -&gt; verticles; shutdown
 *  6  cli                     the command line
 *  5  http                    the routes
 *  4  fanout                  delivery on one event loop
 *     producer                a publisher of the hub's own: the clock, timers, the keyboard
 *     dashboard               the statistics of the last 30 minutes
 *     scenes                  what the example pages show
 *     cluster                 many hubs as one
 *  3  bus                     Intake, event-bus addresses, relays
 *  2  log                     EventLog and what all logs share
 *     log.disk                segments, indexes, recovery
 *     log.redis               a log that several hubs share, in Redis Streams
 *  1  wire                    the wire formats: SSE and NDJSON
 *     logging                 what the process logs
 *  0  event                   events, topics, filters, positions
 *     settings                what can be set, and how it is read
 *     metrics                 counters and timers
 *     memory                  the memory budget and its shares
 *     transport               connections below HTTP
 * </pre>
 */
package io.tidings;
