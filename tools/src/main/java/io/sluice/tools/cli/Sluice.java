package io.sluice.tools.cli;

import io.sluice.control.Version;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line of Sluice. */
@Command(name = "sluice", mixinStandardHelpOptions = true, versionProvider = Sluice.VersionText.class,
    description = "Looks at and changes a running Sluice load balancer.",
    subcommands = {StatusCommand.class, ApplyCommand.class, CheckCommand.class, ShowCommand.class, CountersCommand.class,
        DropsCommand.class, ConnectionsCommand.class, ExplainCommand.class, VersionCommand.class},
    footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 not found, 4 not possible now, 5 no daemon answers."})
public final class Sluice implements Runnable {
    /** How results are printed. */
    enum Format {
        /** Aligned columns, for people. */
        TABLE,
        /** What the API sent, for programs. */
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--socket", paramLabel = "PATH", scope = ScopeType.INHERIT,
        defaultValue = "${env:SLUICE_SOCKET:-/run/sluice/api.sock}",
        description = "The daemon's socket; $SLUICE_SOCKET, else /run/sluice/api.sock.")
    private Path socket;

    @Option(names = {"-o", "--output"}, paramLabel = "FORMAT", scope = ScopeType.INHERIT, defaultValue = "table",
        description = "table (default) or json.")
    private Format format;

    /**
     * Runs one command.
     *
     * @param args the command and its arguments; {@code --help} tells more
     */
    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    /**
     * The command line, ready to execute.
     *
     * @return a new one
     */
    public static CommandLine commandLine() {
        final CommandLine commandLine = new CommandLine(new Sluice());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpWidth(110);
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("sluice: " + (failure instanceof CommandFailure ? failure.getMessage()
                : "failed by a fault in this command that should be reported: " + failure));
            return failure instanceof CommandFailure known ? known.exitCode() : ExitCode.FAILED;
        });
        return commandLine;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Asks the daemon; an answer that is no success becomes a failure with its message. */
    Json get(final String path, final Map<String, String> query) {
        return Json.parse(raw(path, query));
    }

    /** The same, as it came. */
    HttpResponse raw(final String path, final Map<String, String> query) {
        return Problems.check(client().get(path, query), "");
    }

    /** Prints the JSON as it came, if that is wanted. */
    boolean printedAsJson(final HttpResponse response) {
        if (format == Format.JSON) {
            out().print(response.text());
            out().flush();
        }
        return format == Format.JSON;
    }

    Format format() {
        return format;
    }

    ApiClient client() {
        return new ApiClient(socket);
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** For {@code --version}. */
    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"sluice " + Version.text()};
        }
    }
}
