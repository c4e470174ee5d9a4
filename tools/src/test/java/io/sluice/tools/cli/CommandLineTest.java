package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.RunningDaemon;
import io.sluice.control.Version;
import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.verdict.DropReason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Every command against a whole daemon over its real socket: what is printed where, and the exit code. */
class CommandLineTest {
    @TempDir
    private Path directory;
    private RunningDaemon daemon;
    private String out;
    private String err;

    @BeforeEach
    void start() throws Exception {
        daemon = new RunningDaemon(directory);
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    private int sluice(final String... args) {
        final StringWriter toOut = new StringWriter();
        final StringWriter toErr = new StringWriter();
        final CommandLine commandLine = Sluice.commandLine().setOut(new PrintWriter(toOut, true)).setErr(new PrintWriter(toErr, true));
        final String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--socket";
        all[args.length + 1] = daemon.socket().toString();
        final int code = commandLine.execute(all);
        out = toOut.toString();
        err = toErr.toString();
        assertThat(err).doesNotContain("\tat ");
        return code;
    }

    private static InetSocketAddress at(final String address, final int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Test
    void shouldShowTheStatus() {
        assertThat(sluice("status")).isEqualTo(ExitCode.DONE);

        assertThat(out.lines()).contains("node         lb-1", "connections  0 of 1,000,000, 12 restored at start",
            "port         eth0 afxdp up (native mode, copy, 2 queues)",
            "port         eth1 afpacket DOWN", "message      table opened cleanly");
        assertThat(out).contains("state        running, up for ").contains("revision     1, in force since ");
        assertThat(err).isEmpty();
    }

    @Test
    void shouldPrintTheJsonOfTheApiWhenAsked() throws Exception {
        assertThat(sluice("status", "-o", "json")).isEqualTo(ExitCode.DONE);

        assertThat(new com.fasterxml.jackson.databind.ObjectMapper().readTree(out).get("node").asText()).isEqualTo("lb-1");
    }

    @Test
    void shouldApplyAFileAndSayWhatChanged() throws Exception {
        final Path file = daemon.write("new.yaml", daemon.yaml().replace("port: 53", "port: 5353"));

        assertThat(sluice("apply", "-f", file.toString())).isEqualTo(ExitCode.DONE);

        assertThat(out).isEqualTo("listener front/dns changed\n");
        assertThat(err).contains("revision 2 is in force").contains("warning: in force until the daemon restarts");
        assertThat(sluice("show")).isEqualTo(ExitCode.DONE);
        assertThat(out).isEqualTo(daemon.yaml().replace("port: 53", "port: 5353"));
        assertThat(err).contains("revision 2").contains("which differs");
        assertThat(sluice("show", "-o", "json")).isEqualTo(ExitCode.DONE);
        assertThat(out).contains("\"established\" : 900");
    }

    @Test
    void shouldOnlyTellInADryRun() throws Exception {
        final Path file = daemon.write("new.yaml", daemon.yaml());

        assertThat(sluice("apply", "--dry-run", "-f", file.toString())).isEqualTo(ExitCode.DONE);

        assertThat(err).isEqualTo("dry run: the configuration is valid, nothing was changed; it changes nothing\n");
        assertThat(daemon.dataplane().applied()).hasSize(1);
    }

    @Test
    void shouldShowWhereAFileIsWrong() throws Exception {
        final Path file = daemon.write("new.yaml", daemon.yaml().replace("acl: office", "acl: ofice"));
        final String place = file + ":18:52: loadBalancers[0].listeners[0].acl: there is no access list \"ofice\"; did you mean "
            + "\"office\"?";

        assertThat(sluice("apply", "-f", file.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(err.lines()).containsExactly("sluice: the configuration is not valid: 1 problem in the configuration; nothing was "
            + "changed, the running configuration stays", place);

        assertThat(sluice("check", "-f", file.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(err.lines()).containsExactly("sluice: 1 problem in the configuration", place);
        assertThat(out).isEmpty();
    }

    @Test
    void shouldCheckWithoutADaemon() throws Exception {
        final Path file = daemon.write("new.yaml", daemon.yaml());
        daemon.close();

        assertThat(sluice("check", "-f", file.toString())).isEqualTo(ExitCode.DONE);

        assertThat(err).isEqualTo(file + " is right\n");
    }

    @Test
    void shouldTellThatARestartIsNeeded() throws Exception {
        final Path file = daemon.write("new.yaml", daemon.yaml().replace("lb-1", "lb-2"));

        assertThat(sluice("apply", "-f", file.toString())).isEqualTo(ExitCode.CONFLICT);

        assertThat(err).contains("a restart is needed").contains("node.name: is lb-1 while the daemon runs");
    }

    @Test
    void shouldListCountersThatCount() {
        daemon.dataplane().add(new CounterView("listener.connections_opened", "front/http", 1_234_567, "connections opened"));
        daemon.dataplane().add(new CounterView("node.frames_received", "", 0, "frames received"));

        assertThat(sluice("counters")).isEqualTo(ExitCode.DONE);
        assertThat(out.lines()).containsExactly(
            "COUNTER                      SUBJECT         VALUE  MEANING",
            "listener.connections_opened  front/http  1,234,567  connections opened");

        assertThat(sluice("counters", "--all")).isEqualTo(ExitCode.DONE);
        assertThat(out).contains("node.frames_received");
    }

    @Test
    void shouldSayWhyPacketsWereDropped() {
        assertThat(sluice("drops")).isEqualTo(ExitCode.DONE);
        assertThat(err).contains("no packet was dropped");

        daemon.dataplane().add(new CounterView("drops.no_backend", "", 7, ""));
        assertThat(sluice("drops")).isEqualTo(ExitCode.DONE);
        assertThat(out.lines()).containsExactly("no_backend  7", "    " + DropReason.NO_BACKEND.sentence(),
            "    -> " + DropReason.NO_BACKEND.nextStep());
    }

    @Test
    void shouldListConnections() {
        daemon.dataplane().add(new ConnectionView(Protocol.TCP, "ESTABLISHED", at("2001:db8::7", 40_000), at("fd01::100", 80),
            at("10.2.0.100", 5000), at("10.2.0.11", 80), 1_700_000_000L, 125, 900));

        assertThat(sluice("connections", "--client", "[2001:db8::7]:40000", "--state", "established")).isEqualTo(ExitCode.DONE);
        assertThat(out.lines()).containsExactly(
            "PROTOCOL  STATE        CLIENT               VIRTUAL         LOCAL            REAL           IDLE  TIMEOUT  OPENED",
            "tcp       ESTABLISHED  [2001:db8::7]:40000  [fd01::100]:80  10.2.0.100:5000  10.2.0.11:80  2m 5s   15m 0s  "
                + "2023-11-14T22:13:20Z");

        assertThat(sluice("connections", "--protocol", "udp")).isEqualTo(ExitCode.DONE);
        assertThat(err).isEqualTo("no connection fits\n");
        assertThat(sluice("connections", "--client", "nonsense")).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("client: \"nonsense\" is neither an address");
    }

    @Test
    void shouldExplainAFlow() {
        assertThat(sluice("explain", "tcp", "[2001:db8::7]:40000", "10.1.0.100:80")).isEqualTo(ExitCode.DONE);

        assertThat(out.lines().toList()).contains("listener  front/http", "outcome   forward to 10.2.0.11:80");
        assertThat(sluice("explain", "tcp", "2001:db8::7", "10.1.0.100:80")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void shouldTellItsVersion() {
        assertThat(sluice("version")).isEqualTo(ExitCode.DONE);
        assertThat(out).isEqualTo("sluice " + Version.text() + "\n");
    }

    @Test
    void shouldSayWhichSocketDoesNotAnswerAndHowToStart() {
        daemon.close();

        assertThat(sluice("status")).isEqualTo(ExitCode.UNREACHABLE);

        assertThat(err).startsWith("sluice: no daemon answers on " + daemon.socket()).contains("sluice daemon --config FILE")
            .contains("SLUICE_SOCKET");
    }

    @Test
    void shouldKnowUsageErrorsFromOthers() {
        assertThat(sluice("statsu")).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("status");
        assertThat(sluice("apply")).isEqualTo(ExitCode.USAGE);
        assertThat(sluice()).isEqualTo(ExitCode.USAGE);
        assertThat(sluice("apply", "-f", "/nowhere/x.yaml")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err).isEqualTo("sluice: there is no file /nowhere/x.yaml\n");
        assertThat(sluice("--help")).isEqualTo(ExitCode.DONE);
        assertThat(out).contains("Exit codes: 0 done, 1 failed");
    }
}
