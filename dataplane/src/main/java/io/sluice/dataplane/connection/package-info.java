/** Connections: the hot table of a lane, TCP states, expiry, and the table of record in Chronicle Map. */
package io.sluice.dataplane.connection;
