/**
 * What it costs to get into the kernel and back: the hot system calls of a lane, by three ways of calling C from Java. All three
 * pass addresses as numbers and hand back errno as a negative result, as the data plane's own calls do.
 *
 * <pre>
 *   FFM   java.lang.foreign, by the data plane's method handles      no C to build; what Sluice uses
 *   JNI   native/jni                                                 C that has to be built for every machine
 *   JNR   jnr-ffi                                                    no C to build, stubs made at run time
 * </pre>
 */
package io.sluice.bench.binding;
