/**
 * The settings: their keys, defaults and bounds, and the sources they are read from. Floor 0.
 *
 * <pre>
 *  SettingSources   command line, environment and file, in this order
 *  SettingValues    the values by key; reading one declares its default and its rule
 *  Settings         a record for each section: HttpSettings, StreamSettings, LogSettings, ...
 *  InvalidSetting   a value that breaks its rule      UnknownKey   a key that no section reads
 *  ByteSize, DurationFormat, Cidr   the texts of values
 * </pre>
 */
package io.tidings.settings;
