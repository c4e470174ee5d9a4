/** The compiled configuration: listeners, server groups, backends and schedulers. */
package io.sluice.dataplane.service;
