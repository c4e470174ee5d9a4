package io.sluice.tools.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code sluice connections}. */
@Command(name = "connections", mixinStandardHelpOptions = true,
    description = "Connections of the table. An ENDPOINT is an address, a prefix, or an address with a port; IPv6 with a port in brackets.")
final class ConnectionsCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Option(names = "--protocol", paramLabel = "tcp|udp", description = "Only these.")
    private String protocol;

    @Option(names = "--client", paramLabel = "ENDPOINT", description = "Only of these clients.")
    private String client;

    @Option(names = "--virtual", paramLabel = "ENDPOINT", description = "Only to these virtual addresses.")
    private String virtual;

    @Option(names = "--local", paramLabel = "ENDPOINT", description = "Only from these local addresses.")
    private String local;

    @Option(names = "--real", paramLabel = "ENDPOINT", description = "Only on these real servers.")
    private String real;

    @Option(names = "--state", paramLabel = "STATE", description = "Only in this state, such as ESTABLISHED.")
    private String state;

    @Option(names = {"-n", "--limit"}, paramLabel = "N", defaultValue = "100", description = "At most so many (default 100).")
    private int limit;

    @Override
    public void run() {
        final HttpResponse response = sluice.raw("/v1/connections", query());
        if (sluice.printedAsJson(response)) {
            return;
        }
        final Json body = Json.parse(response);
        final Table table = new Table("PROTOCOL", "STATE", "CLIENT", "VIRTUAL", "LOCAL", "REAL", ">IDLE", ">TIMEOUT", "OPENED");
        for (final Json connection : body.list("connections")) {
            table.row(connection.text("protocol"), connection.text("state"), connection.text("client"), connection.text("virtual"),
                connection.text("local"), connection.text("real"), Table.duration(connection.number("idleSeconds")),
                Table.duration(connection.number("timeoutSeconds")), connection.text("opened"));
        }
        if (table.isEmpty()) {
            sluice.err().println("no connection fits");
        } else {
            table.print(sluice.out());
        }
        if (body.truth("more")) {
            sluice.err().println("there are more than these " + limit + "; --limit N lists more");
        }
    }

    private Map<String, String> query() {
        final Map<String, String> query = new LinkedHashMap<>();
        query.put("protocol", protocol);
        query.put("client", client);
        query.put("virtual", virtual);
        query.put("local", local);
        query.put("real", real);
        query.put("state", state);
        query.put("limit", String.valueOf(limit));
        query.values().removeIf(value -> value == null);
        return query;
    }
}
