/** The lane: ports, the Disruptor between them, and the packet path. */
package io.sluice.dataplane.pipeline;
