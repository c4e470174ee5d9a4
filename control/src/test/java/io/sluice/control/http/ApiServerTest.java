package io.sluice.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.control.RunningDaemon;
import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.verdict.DropReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiServerTest {
    @TempDir
    private Path directory;
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = new RunningDaemon(directory);
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    private String get(final String target, final String... headers) throws IOException {
        return RawClient.get(daemon.socket(), target, headers);
    }

    private static JsonNode body(final String response) throws IOException {
        return new ObjectMapper().readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
    }

    private static int status(final String response) {
        return Integer.parseInt(response.substring(9, 12));
    }

    private static InetSocketAddress at(final String address, final int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Test
    void shouldLetOwnerAndGroupUseTheSocketAndNobodyElse() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket()))).isEqualTo("rw-rw----");
    }

    @Test
    void shouldTellHowTheNodeIs() throws Exception {
        final JsonNode status = body(get("/v1/status"));

        assertThat(status.get("node").asText()).isEqualTo("lb-1");
        assertThat(status.get("running").asBoolean()).isTrue();
        assertThat(status.get("revision").asLong()).isEqualTo(1);
        assertThat(status.get("restored").asLong()).isEqualTo(12);
        assertThat(status.get("fileDiffers").asBoolean()).isFalse();
        assertThat(status.get("ports").get(1).get("up").asBoolean()).isFalse();
        assertThat(status.get("messages").get(0).asText()).isEqualTo("table opened cleanly");
    }

    @Test
    void shouldAnswerProbes() throws Exception {
        assertThat(status(get("/livez"))).isEqualTo(200);
        assertThat(status(get("/readyz"))).isEqualTo(200);

        daemon.dataplane().stopLanes();

        assertThat(status(get("/livez"))).isEqualTo(200);
        assertThat(status(get("/readyz"))).isEqualTo(503);
    }

    @Test
    void shouldListEveryDropReasonWithItsCount() throws Exception {
        daemon.dataplane().add(new CounterView("drops.no_backend", "", 7, ""));

        final JsonNode drops = body(get("/v1/drops")).get("drops");

        assertThat(drops).hasSize(DropReason.count());
        final JsonNode noBackend = drops.get(DropReason.NO_BACKEND.ordinal());
        assertThat(noBackend.get("reason").asText()).isEqualTo("no_backend");
        assertThat(noBackend.get("count").asLong()).isEqualTo(7);
        assertThat(noBackend.get("sentence").asText()).isEqualTo(DropReason.NO_BACKEND.sentence());
        assertThat(noBackend.get("nextStep").asText()).isEqualTo(DropReason.NO_BACKEND.nextStep());
    }

    @Test
    void shouldServeMetricsAsPrometheusReadsThem() throws Exception {
        daemon.dataplane().add(new CounterView("drops.no_backend", "", 7, ""));

        final String response = get("/metrics");

        assertThat(response).contains("Content-Type: text/plain; version=0.0.4").contains("sluice_drops_total{reason=\"no_backend\"} 7\n");
    }

    @ParameterizedTest
    @CsvSource({"'',2", "?protocol=tcp,1", "?protocol=udp,1", "?client=192.0.2.7,1", "?client=192.0.2.0/24,1", "?client=192.0.2.7:40000,1",
        "?client=192.0.2.7:40001,0", "?client=%5B2001:db8::7%5D:5353,1", "?client=2001:db8::/32,1", "?virtual=10.1.0.100:80,1",
        "?real=10.2.0.11,1", "?state=established,1", "?state=established&protocol=udp,0", "?limit=1,1"})
    void shouldFilterConnections(final String query, final int found) throws Exception {
        daemon.dataplane().add(new ConnectionView(Protocol.TCP, "ESTABLISHED", at("192.0.2.7", 40_000), at("10.1.0.100", 80),
            at("10.2.0.100", 5000), at("10.2.0.11", 80), 1_700_000_000L, 3, 900));
        daemon.dataplane().add(new ConnectionView(Protocol.UDP, "UDP", at("2001:db8::7", 5353), at("fd01::100", 53),
            at("10.2.0.100", 5001), at("10.2.0.13", 53), 1_700_000_000L, 3, 120));

        final JsonNode body = body(get("/v1/connections" + query));

        assertThat(body.get("connections")).hasSize(found);
        assertThat(body.get("more").asBoolean()).isEqualTo(query.contains("limit"));
    }

    @Test
    void shouldWriteConnectionsAsPeopleReadThem() throws Exception {
        daemon.dataplane().add(new ConnectionView(Protocol.TCP, "ESTABLISHED", at("2001:db8::7", 40_000), at("fd01::100", 80),
            at("10.2.0.100", 5000), at("10.2.0.11", 80), 1_700_000_000L, 3, 900));

        final JsonNode connection = body(get("/v1/connections")).get("connections").get(0);

        assertThat(connection.get("client").asText()).isEqualTo("[2001:db8::7]:40000");
        assertThat(connection.get("real").asText()).isEqualTo("10.2.0.11:80");
        assertThat(connection.get("opened").asText()).isEqualTo("2023-11-14T22:13:20Z");
    }

    @Test
    void shouldExplainAFlow() throws Exception {
        final JsonNode explanation = body(get("/v1/explain?protocol=tcp&client=%5B2001:db8::7%5D:40000&virtual=10.1.0.100:80"));

        assertThat(explanation.get("steps").get(0).get("decision").asText()).contains("2001:db8").contains("10.1.0.100:80");
        assertThat(explanation.get("outcome").asText()).isEqualTo("forward to 10.2.0.11:80");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/v1/explain?protocol=tcp&client=1.2.3.4:5|400|the query parameter \"virtual\" is missing",
        "/v1/explain?protocol=icmp&client=1.2.3.4:5&virtual=1.2.3.4:5|400|protocol: \"icmp\" is neither tcp nor udp",
        "/v1/explain?protocol=tcp&client=1.2.3.4&virtual=1.2.3.4:5|400|client: \"1.2.3.4\" is no address with a port; write "
            + "192.0.2.10:443 or [2001:db8::10]:443",
        "/v1/explain?protocol=tcp&client=1.2.3.4:70000&virtual=1.2.3.4:5|400|client: \"1.2.3.4:70000\" is no address with a port; write "
            + "192.0.2.10:443 or [2001:db8::10]:443",
        "/v1/connections?limit=0|400|limit: \"0\" is not a number within 1 and 100000",
        "/v1/connections?clinet=1.2.3.4|400|the query parameter \"clinet\" is not known here; did you mean \"client\"?",
        "/v1/connections?limit=1&limit=2|400|the query parameter \"limit\" is there twice; keep one of them",
        "/v1/conections|404|the path \"/v1/conections\" is not known; did you mean \"/v1/connections\"?",
        "/|404|the path \"/\" is not known; known are /v1/status, /v1/config, /v1/counters, /v1/drops, /v1/connections, /v1/explain, "
            + "/livez, /readyz, /metrics"})
    void shouldSayWhatIsWrongWithARequest(final String target, final int code, final String detail) throws Exception {
        final String response = get(target);

        assertThat(status(response)).isEqualTo(code);
        assertThat(response).contains("Content-Type: application/problem+json");
        assertThat(body(response).get("detail").asText()).isEqualTo(detail);
    }

    @Test
    void shouldAnswerWhatIsNoHttpWithAProblemToo() throws Exception {
        final String response = get("/v1/connections?client=[2001:db8::7]:5353");

        assertThat(status(response)).isEqualTo(400);
        assertThat(body(response).get("detail").asText()).contains("%5B");
    }

    @Test
    void shouldNameTheMethodThatIsNotPossible() throws Exception {
        final String response = RawClient.put(daemon.socket(), "/v1/drops", "x");

        assertThat(status(response)).isEqualTo(405);
        assertThat(body(response).get("detail").asText()).isEqualTo("PUT is not possible for /v1/drops");
    }
}
