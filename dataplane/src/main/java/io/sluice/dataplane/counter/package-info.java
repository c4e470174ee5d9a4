/** Counters in a memory-mapped file that other processes read. */
package io.sluice.dataplane.counter;
