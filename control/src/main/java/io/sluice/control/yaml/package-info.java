/**
 * YAML text into a tree whose every node knows its line and column, and the means to read such a tree strictly: unknown keys,
 * wrong types and ranges become {@link io.sluice.control.yaml.Violation}s, all of them in one go. Knows nothing of what is
 * configured.
 */
package io.sluice.control.yaml;
