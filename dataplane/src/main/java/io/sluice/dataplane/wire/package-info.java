/** Headers as static accessors over memory at an offset: diagrams, offsets in wire order, no state. */
package io.sluice.dataplane.wire;
