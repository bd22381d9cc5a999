/**
 * Publishing to the log from HTTP and the event bus, delivery of entries to the event loops, and
 * relays between topics and event-bus addresses. Floor 3.
 *
 * <pre>
 *  Intake          the one entry to the log: checks rights and events, and waits for memory (Admission)
 *    PublisherPace  when publishers are answered, so that they do not run ahead of the deliveries
 *  PublishRequests publishing by requests on the event bus, of BusPrincipals, within access.ClientGuard
 *    RequestFailures codes of the replies
 *  Publisher       its typed client, for verticles
 *  LiveFeed        each batch of the log's entries (EntryBatch) once to each event loop
 *  RelayOut        from a topic to an address of the event bus, resuming from Checkpoints
 *  RelayIn         from an address to a topic, through an EventQueue
 *  Address         the addresses that the hub uses
 *  ContextFutures  completes futures on the caller's event loop
 * </pre>
 */
package io.tidings.bus;
