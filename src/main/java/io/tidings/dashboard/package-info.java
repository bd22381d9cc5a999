/** What the dashboard shows, published as ordinary events. Floor 4. */
package io.tidings.dashboard;
