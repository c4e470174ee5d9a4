package io.sluice.control.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.control.RunningDaemon;
import io.sluice.control.yaml.YamlReader;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.ForwardingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigApiTest {
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

    private String put(final String yaml) throws IOException {
        return RawClient.put(daemon.socket(), "/v1/config", yaml);
    }

    private static JsonNode body(final String response) throws IOException {
        return new ObjectMapper().readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
    }

    @Test
    void shouldPutANewConfigurationIntoForce() throws Exception {
        final String wanted = daemon.yaml().replace("port: 53", "port: 5353").replace("weight: 100", "weight: 0");

        final JsonNode outcome = body(put(wanted));

        assertThat(outcome.get("revision").asLong()).isEqualTo(2);
        assertThat(outcome.get("changes")).extracting(JsonNode::asText)
            .containsExactly("server group web changed", "listener front/dns changed");
        assertThat(daemon.dataplane().applied()).hasSize(2);
        assertThat(daemon.dataplane().applied().getLast().listeners().getLast().port()).isEqualTo(5353);
        assertThat(RawClient.get(daemon.socket(), "/v1/config", "Accept: application/yaml\r\n")).endsWith(wanted);
        assertThat(Files.readString(daemon.state().resolve("applied.yaml"))).isEqualTo(wanted);
    }

    @Test
    void shouldWarnThatARestartLoadsTheFileAgain() throws Exception {
        final String wanted = daemon.yaml().replace("port: 53", "port: 5353");

        assertThat(body(put(wanted)).get("warnings").get(0).asText()).startsWith("in force until the daemon restarts: a restart loads "
            + daemon.file());
        Files.writeString(daemon.file(), wanted);
        assertThat(body(put(wanted)).get("warnings")).isEmpty();
        assertThat(body(RawClient.get(daemon.socket(), "/v1/config")).get("fileDiffers").asBoolean()).isFalse();
    }

    @Test
    void shouldShowTheConfigurationWithEveryDefaultInAFormThatCanBePutBack() throws Exception {
        final JsonNode shown = body(RawClient.get(daemon.socket(), "/v1/config"));

        assertThat(shown.get("configuration").get("loadBalancers").get(0).get("listeners").get(0).get("timeouts").get("established")
            .asInt()).isEqualTo(900);
        final JsonNode outcome = body(put(shown.get("configuration").toString()));
        assertThat(outcome.get("changes")).isEmpty();
    }

    @Test
    void shouldChangeNothingInADryRun() throws Exception {
        final String response = RawClient.put(daemon.socket(), "/v1/config?dryRun=true", daemon.yaml().replace("name: dns", "name: names"));

        assertThat(body(response).get("dryRun").asBoolean()).isTrue();
        assertThat(body(response).get("changes")).extracting(JsonNode::asText)
            .containsExactly("listener front/names added", "listener front/dns removed");
        assertThat(daemon.dataplane().applied()).hasSize(1);
    }

    @Test
    void shouldRefuseAWrongConfigurationAndKeepTheRunningOne() throws Exception {
        final String response = put(daemon.yaml().replace("port: 53", "port: 0").replace("acl: office", "acl: ofice"));

        assertThat(response).startsWith("HTTP/1.1 422").contains("application/problem+json");
        final JsonNode violations = body(response).get("violations");
        assertThat(violations).hasSize(2);
        assertThat(violations.get(1).get("path").asText()).isEqualTo("loadBalancers[0].listeners[1].port");
        assertThat(violations.get(1).get("line").asInt()).isEqualTo(19);
        assertThat(violations.get(1).get("value").asText()).isEqualTo("0");
        assertThat(daemon.dataplane().applied()).hasSize(1);
        assertThat(RawClient.get(daemon.socket(), "/v1/config", "Accept: application/yaml\r\n")).endsWith(daemon.yaml());
    }

    @Test
    void shouldRefuseAnEmptyBody() throws Exception {
        assertThat(body(put("")).get("violations").get(0).get("message").asText()).startsWith("the file is empty");
    }

    @Test
    void shouldRefuseABodyThatIsTooLargeWithoutReadingItAll() throws Exception {
        try (RawClient client = new RawClient(daemon.socket())) {
            client.send("PUT /v1/config HTTP/1.1\r\nHost: sluice\r\nContent-Length: " + (YamlReader.MAX_BYTES + 1L) + "\r\n\r\n");

            assertThat(client.response()).startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void shouldNameTheSettingsThatNeedARestart() throws Exception {
        final String response = put(daemon.yaml().replace("lb-1", "lb-2").replace("[eth0, eth1]", "[eth0, eth1], maxConnections: 2048"));

        assertThat(response).startsWith("HTTP/1.1 409");
        assertThat(body(response).get("violations")).extracting(violation -> violation.get("path").asText())
            .containsExactly("node.name", "dataplane.maxConnections");
        assertThat(body(response).get("violations").get(1).get("message").asText()).isEqualTo("is 1000000 while the daemon runs; put it "
            + "back, or restart the daemon with the new file to get 2048");
        assertThat(daemon.dataplane().applied()).hasSize(1);
    }

    @Test
    void shouldKeepTheRunningConfigurationWhenTheDataPlaneRefuses() throws Exception {
        daemon.dataplane().refuseWith("address 10.1.0.100 is used by another host. Choose another one");

        final String response = put(daemon.yaml().replace("port: 53", "port: 5353"));

        assertThat(response).startsWith("HTTP/1.1 409");
        assertThat(body(response).get("detail").asText()).startsWith("address 10.1.0.100 is used by another host. Choose another one");
        assertThat(body(RawClient.get(daemon.socket(), "/v1/config")).get("revision").asLong()).isEqualTo(1);
        daemon.dataplane().refuseWith(null);
        assertThat(body(put(daemon.yaml())).get("revision").asLong()).isEqualTo(2);
    }

    @Test
    void shouldApplyOneAfterTheOther() throws Exception {
        final int clients = 24;
        final List<Future<String>> responses = new ArrayList<>();
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                final String yaml = daemon.yaml().replace("port: 53", "port: " + (1000 + i));
                responses.add(pool.submit(() -> put(yaml)));
            }
        }

        for (final Future<String> response : responses) {
            assertThat(response.get()).startsWith("HTTP/1.1 200");
        }
        assertThat(daemon.dataplane().mostInside()).isEqualTo(1);
        assertThat(daemon.dataplane().applied()).extracting(ForwardingSpec::revision)
            .containsExactlyElementsOf(LongStream.rangeClosed(1, clients + 1).boxed().toList());
        final int inForce = daemon.dataplane().applied().getLast().listeners().getLast().port();
        assertThat(RawClient.get(daemon.socket(), "/v1/config", "Accept: application/yaml\r\n")).contains("port: " + inForce + ",");
    }

    @Test
    void shouldServeOthersWhileClientsAreSlowOrTalkNonsense() throws Exception {
        final List<RawClient> nuisances = new ArrayList<>();
        final String[] beginnings = {"", "G", "PUT /v1/config HTTP/1.1\r\nHost: s\r\nContent-Length: 100\r\n\r\nnode:", "\0\1\2\r\n\r\n",
            "GET /v1/status HTTP/9.9\r\n\r\n", "PUT /v1/config HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /" + "x".repeat(100_000), "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(20_000)};
        try {
            for (int i = 0; i < 80; i++) {
                final RawClient nuisance = new RawClient(daemon.socket());
                nuisances.add(nuisance);
                sendIgnoringRefusal(nuisance, beginnings[i % beginnings.length]);
            }

            assertThat(put(daemon.yaml())).startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(daemon.socket(), "/v1/status")).startsWith("HTTP/1.1 200");
        } finally {
            for (final RawClient nuisance : nuisances) {
                nuisance.close();
            }
        }
        assertThat(daemon.dataplane().applied()).hasSize(2);
    }

    @Test
    @Tag("slow")
    void shouldCloseConnectionsOnWhichNothingMoves() throws Exception {
        final List<RawClient> clients = new ArrayList<>();
        for (final String beginning : new String[] {"", "GET /v1/sta", "PUT /v1/config HTTP/1.1\r\nHost: s\r\nContent-Length: 9\r\n\r\na",
            "GET /livez HTTP/1.1\r\nHost: s\r\n\r\n"}) {
            final RawClient client = new RawClient(daemon.socket());
            clients.add(client);
            client.send(beginning);
        }
        for (final RawClient client : clients) {
            try (client) {
                assertTimeoutPreemptively(Duration.ofSeconds(60), client::awaitClose);
            }
        }
    }

    @Test
    @Tag("slow")
    void shouldCloseTheConnectionOfAClientThatDoesNotRead() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            daemon.dataplane().add(new CounterView("listener.connections_opened", "front/" + i, 1, "x".repeat(1_000)));
        }
        try (RawClient client = new RawClient(daemon.socket())) {
            client.send("GET /v1/counters HTTP/1.1\r\nHost: s\r\n\r\n");

            await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofSeconds(1)).untilAsserted(() ->
                assertThatThrownBy(() -> client.send("x")).isInstanceOf(IOException.class));
        }
    }

    /** The server may close while we still talk: that is its answer. */
    private static void sendIgnoringRefusal(final RawClient client, final String text) {
        try {
            client.send(text);
        } catch (final IOException e) {
            assertThat(e).hasMessageContaining("pipe");
        }
    }
}
