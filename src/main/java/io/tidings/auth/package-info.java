/**
 * Who may do what: principals, their grants, and the tokens that prove them.
 *
 * <ul>
 *   <li>{@link io.tidings.auth.Principal}: who makes a request
 *   <li>{@link io.tidings.auth.Grants}: what a principal may do
 *   <li>{@link io.tidings.auth.TopicRights}: which topics the grants allow, or {@link
 *       io.tidings.auth.NotGranted}
 *   <li>{@link io.tidings.auth.Authenticator}: from a token to its principal, by a cache
 *   <li>{@link io.tidings.auth.TokenVerifier}: form, issuer, purpose, time, and then the signature
 *   <li>{@link io.tidings.auth.KeySource}: an issuer's keys, from a file or a URL, kept up to date
 *   <li>{@link io.tidings.auth.Revocation}: tokens that are not accepted any more
 *   <li>{@link io.tidings.auth.TokenGate}: which tokens are looked at, where those may be unknown
 *   <li>{@link io.tidings.auth.Tickets}: what stands for a token in a URL
 *   <li>{@link io.tidings.auth.TokenSigner}: tokens of the hub's own, for the command line
 * </ul>
 */
package io.tidings.auth;
