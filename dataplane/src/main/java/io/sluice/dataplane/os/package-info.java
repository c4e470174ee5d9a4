/** The operating system as interfaces named after the C library, with links to the man pages. */
package io.sluice.dataplane.os;
