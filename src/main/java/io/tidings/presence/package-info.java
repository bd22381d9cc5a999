/**
 * Who is present at which topic. Floor 5.
 *
 * <pre>
 *  Presence             is told of the streams; answers requests and other nodes: PresenceVerticle
 *    PresenceTopics       the topics of the setting
 *  PresenceLoop         what is known, on one event loop
 *    PresenceTable        by the streams of this node: TopicMembers, Member, MemberKey
 *    Peers                by those of other nodes: Peer, PeerTopic; Exchange is what they say
 *    TopicState           all of it, at one moment
 *    Watchers             the streams that are told: WatchedTopic, Frames, PresenceEvents
 * </pre>
 */
package io.tidings.presence;
