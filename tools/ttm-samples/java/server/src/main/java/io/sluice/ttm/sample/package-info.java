/** A server behind the load balancer that knows its clients. What to copy is the one call of TtmPeer in {@code TtmServer}. */
package io.sluice.ttm.sample;
