/**
 * The HTTP API: subscribing, publishing, monitoring and the pages. Floor 6.
 *
 * <pre>
 *  HubVerticle        one event loop: the server, its routes, its streams
 *    FailureHandler     answers what the routes throw: Problem
 *    RequestCounter     requests by door and outcome
 *    RequestCheck       framing and AllowedHosts, before any route
 *    EventsRoute        /events
 *      SubscribeRoute     SubscribeRequest, ResponseFormat -&gt; a subscriber (WebSocketRoute)
 *      PublishRoute       RequestBody -&gt; Intake; DeliveryReports
 *    StatsRoute         /stats: a StatsStream per client
 *    StatusRoute        /health, /metrics, /cluster: HubStatus, Readiness
 *    ProbeRoute         /probe
 *    SessionRoute       /session: SessionCookie
 *    StreamRoute        POST /streams/{id}: TopicsBody -&gt; fanout.Renewals, at the node with the stream
 *    RevocationsRoute   /revocations: RevocationLog, which applies those of all nodes
 *    PresenceRoute      /presence: presence.Presence
 *    VotersRoute        POST /cluster/voters: ClusterAdmin
 *    SettingsRoute      /cluster/settings: ClusterAdmin
 *    PublishersRoute    /publishers
 *    StreamsRoute       /streams: StreamPages of all nodes (AdminRequests)
 *  NodeAnswers        what a node answers of its own to these, and to other nodes
 *    PagesRoute         everything else: PageHeaders
 *  AccessControl      a door: RequestPrincipals (LocalRequests), and what access.ClientGuard decides
 *  RevocationGate     which tokens are looked at, by the state of the log
 *  BusyStream         the refusal that EventSource understands
 *  AllowedOrigins     CORS (ComparableHost)
 *  TrustedProxies     X-Forwarded-* headers
 * </pre>
 */
package io.tidings.http;
