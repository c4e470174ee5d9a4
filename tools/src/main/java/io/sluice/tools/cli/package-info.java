/**
 * {@code sluice}, the command line. One class per command; data goes to standard output, words about it to standard error,
 * and {@link io.sluice.tools.cli.ExitCode} says how it went.
 *
 * <pre>
 *   Sluice (picocli) --> command --> ApiClient --HTTP over a unix socket--> daemon
 *                          |--> Table or the JSON as it came
 * </pre>
 */
package io.sluice.tools.cli;
