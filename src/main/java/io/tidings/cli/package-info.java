/** The command line: the options of the process, and the commands that need no hub. Floor 6. */
package io.tidings.cli;
