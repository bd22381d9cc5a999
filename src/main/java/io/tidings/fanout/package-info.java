/**
 * Delivery of events to the open streams, on each event loop. Floor 4.
 *
 * <pre>
 *  Audiences            the streams of one event loop: opens and ends them, dispatches entries
 *    LogHead              the position up to which the loop has received the log
 *    FilterIndex          the audiences whose filters match a topic
 *    DeliveryScheduler    turns: a slice of deliveries, then some pages; what waits is in a LinkedQueue
 *    StreamCheck          a look at all streams each second, in slices
 *      LivenessCheck        heartbeats, and the end of clients that read nothing
 *      LagMonitor           how far subscribers lag: SlowSubscriber
 *    ExpiryWheel          ends streams when their tokens end: an Expiry each
 *    Draining             ends streams when the hub stops or its log is isolated: Drain, over a time
 *    RandomIds            the ids of new streams
 *    LoopContext          what all of these share
 *  Audience             the streams with the same AudienceKey: selection, WireFormat, Traffic
 *    Delivery             joins PendingEntries into a Chunk, and writes it to the live subscribers
 *    Subscriber           one stream: a cursor with a StreamState, ended for a CloseReason
 *    PageReader           pages of the log for lagging subscribers: SharedPage
 *    StreamListener       is told of streams that begin, are renewed and leave; Notices tells streams what it knows
 *  OpenStreams          the streams of the node, by StreamId; Renewals gives one other rights or topics:
 *                       a Renewal with a RenewalResult
 *  HubEvents            the hub's own events in a stream: hub.open, hub.stale, hub.gap, hub.auth, hub.end
 *  Outlet               where one stream's bytes go; OutletFactory chooses
 *    ChannelOutlet        HTTP/1, past the response of Vert.x: SocketOptions
 *    PortableOutlet       by the public API: ResponseOutlet, WebSocketOutlet, LongPollOutlet
 *  OpenStreams          the streams of the node, by StreamId and by StreamHandle; each on its own loop: LoopSlices
 *    Reach                how many of them an event reaches
 *    StreamSearch         a StreamQuery -&gt; a StreamPage of StreamInfo, for administrators
 *  SubscriptionCounts   the streams of the node, on all loops, by topic: FilterCounts
 *  StreamMetrics        the streams and deliveries of one loop in the metrics
 * </pre>
 */
package io.tidings.fanout;
