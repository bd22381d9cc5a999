package io.tidings.settings;

/** Whether requests must show a token. */
public enum AuthMode {
  /** Only requests that come from this machine itself need none. */
  AUTO,
  /** Every request needs one, or what {@code auth.anonymous} grants. */
  REQUIRED,
  /** No request needs one: everybody may do everything. */
  OPEN
}
