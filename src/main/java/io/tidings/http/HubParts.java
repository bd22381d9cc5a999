package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.bus.LiveFeed;
import io.tidings.log.EventLog;
import io.tidings.settings.Settings;

/**
 * What all event loops of a hub share.
 *
 * @param log read and appended to by all
 * @param feed hands over the entries of the log
 * @param status reported and updated by all
 * @param authenticator finds out whom a token names
 */
public record HubParts(
    Settings settings,
    EventLog log,
    LiveFeed feed,
    HubStatus status,
    Authenticator authenticator) {}
