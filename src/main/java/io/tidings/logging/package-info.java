/** The process's logging: lines of text, or one JSON object per line. Floor 1. */
package io.tidings.logging;
