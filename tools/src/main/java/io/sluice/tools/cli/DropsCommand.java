package io.sluice.tools.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code sluice drops}. */
@Command(name = "drops", mixinStandardHelpOptions = true, description = "Why packets were not forwarded, and what to do about it.")
final class DropsCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Option(names = {"-a", "--all"}, description = "Reasons that never occurred, too.")
    private boolean all;

    @Override
    public void run() {
        final HttpResponse response = sluice.raw("/v1/drops", Map.of());
        if (sluice.printedAsJson(response)) {
            return;
        }
        boolean none = true;
        for (final Json drop : Json.parse(response).list("drops")) {
            if (all || drop.number("count") != 0) {
                none = false;
                sluice.out().println(drop.text("reason") + "  " + Table.count(drop.number("count")));
                sluice.out().println("    " + drop.text("sentence"));
                sluice.out().println("    -> " + drop.text("nextStep"));
            }
        }
        if (none) {
            sluice.err().println("no packet was dropped; --all lists the reasons");
        }
        sluice.out().flush();
    }
}
