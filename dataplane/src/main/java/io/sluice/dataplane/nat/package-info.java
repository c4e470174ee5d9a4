/** The translation itself: addresses, ports, sequence numbers, options. */
package io.sluice.dataplane.nat;
