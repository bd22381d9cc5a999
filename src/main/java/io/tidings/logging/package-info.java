/**
 * The process's logging: lines of text, or one JSON object per line. Floor 1.
 *
 * <pre>
 *  Logging                  configures java.util.logging
 *    ConsoleLogHandler        standard output and error: TextFormatter, JsonFormatter
 *    NonResettingLogManager   keeps the handlers while the process stops
 * </pre>
 */
package io.tidings.logging;
