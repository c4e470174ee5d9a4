/**
 * The control plane and the daemon.
 *
 * <pre>
 *   file, PUT /v1/config --config--> model --store--> compile --> DataplaneControl.apply
 *                        (read, check)     (in force, one at a time)
 *   GET /v1/..., /metrics <--http, metrics-- DataplaneControl
 * </pre>
 */
package io.sluice.control;
