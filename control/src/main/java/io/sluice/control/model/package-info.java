/**
 * What an operator configures, as records: names not yet resolved, defaults filled in. Values that mean the same to the data
 * plane (timeouts, limits, prefixes) are its own types.
 */
package io.sluice.control.model;
