/**
 * Bad luck on purpose, repeatable by its seed.
 *
 * <pre>
 *   lane  poll     &lt;-- Impairer &lt;-- inner port
 *   lane  transmit --> Impairer --> inner port
 * </pre>
 */
package io.sluice.dataplane.port.impaired;
