package io.tidings.fanout;

import io.tidings.event.Filter;

/** What all subscribers of an audience have in common. */
record AudienceKey(Filter filter, WireFormat wire, Traffic traffic) {}
