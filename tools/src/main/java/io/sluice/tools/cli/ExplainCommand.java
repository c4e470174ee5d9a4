package io.sluice.tools.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code sluice explain}. */
@Command(name = "explain", mixinStandardHelpOptions = true,
    description = "What would happen to a packet from a client to a virtual address, stage by stage.")
final class ExplainCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Parameters(index = "0", paramLabel = "tcp|udp")
    private String protocol;

    @Parameters(index = "1", paramLabel = "CIP:CPORT", description = "The client, such as 192.0.2.10:40000 or [2001:db8::10]:40000.")
    private String client;

    @Parameters(index = "2", paramLabel = "VIP:VPORT", description = "The virtual address, such as 10.1.0.100:80.")
    private String virtual;

    @Override
    public void run() {
        final Map<String, String> query = new LinkedHashMap<>();
        query.put("protocol", protocol);
        query.put("client", client);
        query.put("virtual", virtual);
        final HttpResponse response = sluice.raw("/v1/explain", query);
        if (sluice.printedAsJson(response)) {
            return;
        }
        final Json explanation = Json.parse(response);
        final Table table = new Table("STAGE", "DECISION");
        explanation.list("steps").forEach(step -> table.row(step.text("stage"), step.text("decision")));
        table.row("outcome", explanation.text("outcome"));
        table.print(sluice.out());
    }
}
