/** The settings: their keys, defaults and bounds, and the sources they are read from. Floor 0. */
package io.tidings.settings;
