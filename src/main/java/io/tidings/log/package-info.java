/** The one order that all see, and the memory of it. Floor 2. */
package io.tidings.log;
