/** What can be set, and how it is read. Floor 0: knows nothing of the other rooms. */
package io.tidings.settings;
