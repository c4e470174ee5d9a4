/**
 * The whole path, burst in and burst out, per packet. Frames are put back to what they were before each burst, and that is not
 * measured; the copying leaves their headers in the cache, as the kernel's does.
 */
package io.sluice.bench.path;
