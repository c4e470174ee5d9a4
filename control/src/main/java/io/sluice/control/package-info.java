/** Placeholder. */
package io.sluice.control;
