package io.sluice.tools.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code sluice counters}. */
@Command(name = "counters", mixinStandardHelpOptions = true, description = "The counters that are not zero.")
final class CountersCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Option(names = {"-a", "--all"}, description = "Those that are zero, too.")
    private boolean all;

    @Override
    public void run() {
        final HttpResponse response = sluice.raw("/v1/counters", Map.of());
        if (sluice.printedAsJson(response)) {
            return;
        }
        final Table table = new Table("COUNTER", "SUBJECT", ">VALUE", "MEANING");
        for (final Json counter : Json.parse(response).list("counters")) {
            if (all || counter.number("value") != 0) {
                table.row(counter.text("name"), counter.text("subject"), Table.count(counter.number("value")),
                    counter.text("sentence"));
            }
        }
        if (table.isEmpty()) {
            sluice.err().println("every counter is zero; --all lists them");
        } else {
            table.print(sluice.out());
        }
    }
}
