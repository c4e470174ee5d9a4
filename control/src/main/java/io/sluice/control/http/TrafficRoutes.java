package io.sluice.control.http;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Address;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What happens to packets: counters, drops, connections, and the explanation of one flow. */
final class TrafficRoutes implements HttpService {
    static final int DEFAULT_CONNECTIONS = 100;
    static final int MOST_CONNECTIONS = 100_000;

    private final DataplaneControl dataplane;

    TrafficRoutes(final DataplaneControl dataplane) {
        this.dataplane = dataplane;
    }

    @Override
    public void routing(final HttpRules rules) {
        rules.get("/v1/counters", this::counters)
            .get("/v1/drops", this::drops)
            .get("/v1/connections", this::connections)
            .get("/v1/explain", this::explain);
    }

    private void counters(final ServerRequest request, final ServerResponse response) {
        Query.of(request);
        Json.send(response, Map.of("counters", dataplane.counters()));
    }

    /** Every reason, also those that never happened: the list itself is worth reading. */
    private void drops(final ServerRequest request, final ServerResponse response) {
        Query.of(request);
        final Map<String, Long> counts = dataplane.counters().stream()
            .filter(counter -> counter.name().startsWith("drops."))
            .collect(Collectors.toMap(counter -> counter.name().substring("drops.".length()), CounterView::value, Long::sum));
        Json.send(response, Map.of("drops", Arrays.stream(DropReason.values()).map(reason -> drop(reason, counts)).toList()));
    }

    private static Map<String, Object> drop(final DropReason reason, final Map<String, Long> counts) {
        final String name = reason.name().toLowerCase(Locale.ROOT);
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("reason", name);
        view.put("count", counts.getOrDefault(name, 0L));
        view.put("sentence", reason.sentence());
        view.put("nextStep", reason.nextStep());
        return view;
    }

    private void connections(final ServerRequest request, final ServerResponse response) {
        final Query query = Query.of(request, "protocol", "client", "virtual", "local", "real", "state", "limit");
        final int limit = query.number("limit", DEFAULT_CONNECTIONS, 1, MOST_CONNECTIONS);
        final List<ConnectionView> found = dataplane.connections(filter(query), limit + 1);
        final Map<String, Object> body = new LinkedHashMap<>();
        body.put("connections", found.stream().limit(limit).map(TrafficRoutes::connection).toList());
        body.put("limit", limit);
        body.put("more", found.size() > limit);
        Json.send(response, body);
    }

    private static Predicate<ConnectionView> filter(final Query query) {
        final Optional<Protocol> protocol = query.protocol("protocol");
        final Optional<String> state = query.text("state");
        final Optional<EndpointFilter> client = query.filter("client");
        final Optional<EndpointFilter> virtual = query.filter("virtual");
        final Optional<EndpointFilter> local = query.filter("local");
        final Optional<EndpointFilter> real = query.filter("real");
        return view -> protocol.map(p -> p == view.protocol()).orElse(true)
            && state.map(s -> s.equalsIgnoreCase(view.state())).orElse(true)
            && client.map(f -> f.matches(view.client())).orElse(true)
            && virtual.map(f -> f.matches(view.virtual())).orElse(true)
            && local.map(f -> f.matches(view.local())).orElse(true)
            && real.map(f -> f.matches(view.real())).orElse(true);
    }

    private static Map<String, Object> connection(final ConnectionView view) {
        final Map<String, Object> body = new LinkedHashMap<>();
        body.put("protocol", view.protocol().name().toLowerCase(Locale.ROOT));
        body.put("state", view.state());
        body.put("client", text(view.client()));
        body.put("virtual", text(view.virtual()));
        body.put("local", text(view.local()));
        body.put("real", text(view.real()));
        body.put("opened", Instant.ofEpochSecond(view.openedEpochS()).toString());
        body.put("idleSeconds", view.idleSeconds());
        body.put("timeoutSeconds", view.timeoutSeconds());
        return body;
    }

    private void explain(final ServerRequest request, final ServerResponse response) {
        final Query query = Query.of(request, "protocol", "client", "virtual");
        query.required("protocol");
        final Protocol protocol = query.protocol("protocol").orElseThrow();
        final Explanation explanation = dataplane.explain(protocol, query.endpoint("client"), query.endpoint("virtual"));
        Json.send(response, explanation);
    }

    private static String text(final InetSocketAddress endpoint) {
        return Address.toString(Address.high(endpoint.getAddress()), Address.low(endpoint.getAddress()), endpoint.getPort());
    }
}
