/** Tools around the daemon: the command line is in {@code cli}. */
package io.sluice.tools;
