/** What the packet path would do, told stage by stage. */
package io.sluice.dataplane.trace;
