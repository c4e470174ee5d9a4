/** Placeholder. */
package io.sluice.tools;
