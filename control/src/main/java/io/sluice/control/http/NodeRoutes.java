package io.sluice.control.http;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.control.metrics.PrometheusText;
import io.sluice.control.store.Revision;
import io.sluice.control.store.RunningConfiguration;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the node is: for people, for probes, for Prometheus. */
final class NodeRoutes implements HttpService {
    private final DataplaneControl dataplane;
    private final RunningConfiguration configuration;
    private final String version;
    private final InstantSource clock;
    private final Instant started;

    NodeRoutes(final DataplaneControl dataplane, final RunningConfiguration configuration, final String version,
               final InstantSource clock) {
        this.dataplane = dataplane;
        this.configuration = configuration;
        this.version = version;
        this.clock = clock;
        this.started = clock.instant();
    }

    @Override
    public void routing(final HttpRules rules) {
        rules.get("/v1/status", this::status)
            .get("/livez", (request, response) -> response.send("alive\n"))
            .get("/readyz", this::ready)
            .get("/metrics", this::metrics);
    }

    private void status(final ServerRequest request, final ServerResponse response) {
        Query.of(request);
        final DataplaneStatus status = dataplane.status();
        final Revision revision = configuration.current();
        final Map<String, Object> body = new LinkedHashMap<>();
        body.put("node", revision.config().node().name());
        body.put("version", version);
        body.put("running", status.running());
        body.put("lanes", status.lanes());
        body.put("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds());
        body.put("revision", revision.number());
        body.put("since", revision.since().toString());
        body.put("file", configuration.file().toString());
        body.put("fileDiffers", configuration.fileDiffers());
        body.put("connections", status.connections());
        body.put("capacity", status.capacity());
        body.put("restored", status.restored());
        body.put("ports", status.ports());
        body.put("messages", status.messages());
        Json.send(response, body);
    }

    private void ready(final ServerRequest request, final ServerResponse response) {
        final boolean ready = dataplane.status().running();
        response.status(ready ? 200 : 503).send(ready ? "ready\n" : "not ready: the lanes are not running\n");
    }

    private void metrics(final ServerRequest request, final ServerResponse response) {
        Json.sendText(response, PrometheusText.CONTENT_TYPE, PrometheusText.of(version, configuration.current().number(),
            dataplane.status(), dataplane.counters()));
    }
}
