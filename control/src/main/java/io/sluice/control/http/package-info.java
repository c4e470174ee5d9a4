/**
 * The HTTP API on a unix socket. One class per family of routes; whatever goes wrong becomes a problem document (RFC 9457).
 */
package io.sluice.control.http;
