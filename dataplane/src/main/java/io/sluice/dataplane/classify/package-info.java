/** The first stage: what a frame is, and where its headers are. */
package io.sluice.dataplane.classify;
