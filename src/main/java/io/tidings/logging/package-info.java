/** What the process logs: for people, or a JSON object per line for programs. Floor 1. */
package io.tidings.logging;
