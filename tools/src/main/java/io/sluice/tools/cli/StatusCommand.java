package io.sluice.tools.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code sluice status}. */
@Command(name = "status", mixinStandardHelpOptions = true, description = "How the node is.")
final class StatusCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Override
    public void run() {
        final HttpResponse response = sluice.raw("/v1/status", Map.of());
        if (sluice.printedAsJson(response)) {
            return;
        }
        final Json status = Json.parse(response);
        final Table table = new Table("", "");
        table.row("node", status.text("node"));
        table.row("version", status.text("version"));
        table.row("state", (status.truth("running") ? "running" : "not running") + ", up for "
            + Table.duration(status.number("uptimeSeconds")) + ", " + Table.count(status.number("lanes"))
            + (status.number("lanes") == 1 ? " lane" : " lanes"));
        table.row("revision", status.text("revision") + ", in force since " + status.text("since"));
        table.row("file", status.text("file") + (status.truth("fileDiffers") ? " (differs from what is in force)" : ""));
        table.row("connections", Table.count(status.number("connections")) + " of " + Table.count(status.number("capacity")) + ", "
            + Table.count(status.number("restored")) + " restored at start");
        for (final Json port : status.list("ports")) {
            final String detail = port.text("detail");
            table.row("port", port.text("name") + " " + port.text("kind") + " " + (port.truth("up") ? "up" : "DOWN")
                + (detail.isEmpty() ? "" : " (" + detail + ")"));
        }
        final List<String> messages = status.texts("messages");
        messages.forEach(message -> table.row("message", message));
        table.print(sluice.out());
    }
}
