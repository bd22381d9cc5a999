/** Who hears what, on each event loop. Floor 4. */
package io.tidings.fanout;
