/** Verdicts and drop reasons: the base package that every other package may name. */
package io.sluice.dataplane.verdict;
