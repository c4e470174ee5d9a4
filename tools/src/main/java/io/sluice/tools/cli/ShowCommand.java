package io.sluice.tools.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code sluice show}. */
@Command(name = "show", mixinStandardHelpOptions = true,
    description = "The configuration in force: as it was written, or with -o json with every default spelled out.")
final class ShowCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Override
    public void run() {
        if (sluice.format() == Sluice.Format.JSON) {
            sluice.printedAsJson(sluice.raw("/v1/config", Map.of()));
            return;
        }
        final HttpResponse yaml = Problems.check(sluice.client().get("/v1/config", "application/yaml"), "");
        sluice.out().print(yaml.text());
        sluice.out().flush();
        final Json about = sluice.get("/v1/config", Map.of());
        sluice.err().println("revision " + about.text("revision") + ", in force since " + about.text("since")
            + (about.truth("fileDiffers") ? "; a restart loads " + about.text("file") + ", which differs" : ""));
    }
}
