package io.sluice.control;

import io.sluice.control.config.ConfigReader;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The daemon as seen from the shell: arguments, exit codes, signals. */
final class DaemonProcess {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    private static final String HELP = """
        usage: sluice daemon --config FILE [--check]

          --config FILE   the configuration
          --check         only say whether the configuration is right
          --help          this text
          --version       the version

        Runs until SIGTERM or SIGINT, then ends cleanly: connections stay in the table of record.
        Exit codes: 0 ended cleanly, 1 failed, 2 wrong arguments or configuration.
        """;

    private final PrintStream out;
    private final PrintStream err;

    DaemonProcess(final PrintStream out, final PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Never returns: the process ends with its exit code. */
    static void run(final String[] args, final Function<DataplaneConfig, DataplaneControl> opener) {
        final OperatorLog log = new OperatorLog(System.err);
        log.takeOverLibraries();
        final EndSignals signals = EndSignals.catchAll();
        final int code = new DaemonProcess(System.out, System.err).run(List.of(args), opener, log, daemon -> {
            try (daemon) {
                signals.await();
            }
        });
        System.exit(code);
    }

    int run(final List<String> args, final Function<DataplaneConfig, DataplaneControl> opener, final OperatorLog log,
            final Waiting waiting) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(HELP);
            return DONE;
        }
        if (args.contains("--version")) {
            out.println("sluice " + Version.text());
            return DONE;
        }
        final boolean check = args.contains("--check");
        final List<String> rest = args.stream().filter(arg -> !"--check".equals(arg)).toList();
        final String file = fileOf(rest);
        if (file == null) {
            err.print((rest.isEmpty() ? "--config is missing" : "arguments not understood: " + String.join(" ", rest)) + "\n\n" + HELP);
            return USAGE;
        }
        return run(file, check, opener, log, waiting);
    }

    private int run(final String file, final boolean check, final Function<DataplaneConfig, DataplaneControl> opener,
                    final OperatorLog log, final Waiting waiting) {
        try {
            if (check) {
                ConfigReader.read(Files.readAllBytes(Path.of(file)));
                out.println(file + " is right");
            } else {
                waiting.await(Daemon.start(Path.of(file).toAbsolutePath(), opener, log));
            }
            return DONE;
        } catch (final InvalidConfigException e) {
            e.describe(file).lines().forEach(log::fail);
            log.fail(e.getMessage() + "; nothing was started");
            return USAGE;
        } catch (final IOException | InvalidPathException e) {
            log.fail(e.getMessage());
            return USAGE;
        } catch (final DataplaneException e) {
            log.fail(e.getMessage());
            return FAILED;
        } catch (final RuntimeException | Error e) {
            log.fail("a fault in Sluice that should be reported: " + e);
            e.printStackTrace(err);
            return FAILED;
        }
    }

    private static String fileOf(final List<String> args) {
        if (args.size() == 2 && "--config".equals(args.getFirst())) {
            return args.get(1);
        }
        return args.size() == 1 && args.getFirst().startsWith("--config=") ? args.getFirst().substring("--config=".length()) : null;
    }

    /** What the main thread does with a running daemon. */
    @FunctionalInterface
    interface Waiting {
        void await(Daemon daemon);
    }
}
