/** The system calls through the foreign function interface: the only package with a {@link java.lang.foreign.Linker}. */
package io.sluice.dataplane.os.ffm;
