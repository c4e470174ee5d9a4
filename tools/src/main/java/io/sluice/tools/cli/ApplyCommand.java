package io.sluice.tools.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code sluice apply -f FILE}. */
@Command(name = "apply", mixinStandardHelpOptions = true,
    description = "Puts a configuration into force, whole or not at all. A restart loads the daemon's own file again.")
final class ApplyCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Option(names = {"-f", "--file"}, required = true, paramLabel = "FILE", description = "The configuration; - is standard input.")
    private String file;

    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    @Override
    public void run() {
        final byte[] yaml = FileArgument.read(file);
        final HttpResponse response = Problems.check(sluice.client().put("/v1/config", Map.of("dryRun", String.valueOf(dryRun)), yaml),
            FileArgument.shown(file));
        if (sluice.printedAsJson(response)) {
            return;
        }
        final Json outcome = Json.parse(response);
        outcome.texts("changes").forEach(sluice.out()::println);
        outcome.texts("warnings").forEach(warning -> sluice.err().println("warning: " + warning));
        final String changes = outcome.texts("changes").isEmpty() ? "; it changes nothing" : "";
        sluice.err().println(dryRun ? "dry run: the configuration is valid, nothing was changed" + changes
            : "revision " + outcome.text("revision") + " is in force" + changes);
    }
}
