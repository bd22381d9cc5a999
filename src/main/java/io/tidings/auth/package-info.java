/**
 * Who may do what: principals, their grants, and the tokens that prove them.
 *
 * <ul>
 *   <li>{@link io.tidings.auth.Principal}: who makes a request
 *   <li>{@link io.tidings.auth.Grants}: what a principal may do
 * </ul>
 */
package io.tidings.auth;
