/** The doors: HTTP in, streams out. Floor 5. */
package io.tidings.http;
