/** A port in memory, for tests and for running the pipeline without a kernel. */
package io.sluice.dataplane.port.memory;
