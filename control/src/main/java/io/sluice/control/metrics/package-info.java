/** The counters of the data plane in the text format of Prometheus. */
package io.sluice.control.metrics;
