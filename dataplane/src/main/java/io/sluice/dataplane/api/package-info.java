/** What the control plane may touch: the forwarding specification in; counters, connections and explanations out. */
package io.sluice.dataplane.api;
