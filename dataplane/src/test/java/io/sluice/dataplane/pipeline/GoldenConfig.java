package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.ForwardingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The configuration of a golden case: one listener, MTU or waiting time a line.
 *
 * <pre>
 *   tcp 203.0.113.10:80 10.2.0.11:8080 10.2.0.12:8080 keepTimestamps    listener, backends, options
 *   udp [2001:db8:f::10]:53 [fd02::11]:53 proxyProtocol
 *   mtu 10.2.0.0/16 1400                                                of the links there
 *   wait 901                                                            seconds that pass after the last frame
 * </pre>
 */
final class GoldenConfig {
    private final List<ListenerDraft> listeners = new ArrayList<>();
    private final StaticFib fib = oneArmed();
    private int waitSeconds;

    /** Everything by one port, with the next hops of {@link TestNet}. */
    private static StaticFib oneArmed() {
        return new StaticFib()
            .route("0.0.0.0/0", TestNet.FRONT, TestNet.ROUTER_MAC, TestNet.FRONT_MAC, 1500)
            .route("::/0", TestNet.FRONT, TestNet.ROUTER_MAC, TestNet.FRONT_MAC, 1500)
            .route("10.2.0.0/16", TestNet.FRONT, TestNet.SERVER_MAC, TestNet.FRONT_MAC, 1500)
            .route("fd02::/16", TestNet.FRONT, TestNet.SERVER_MAC, TestNet.FRONT_MAC, 1500);
    }

    static GoldenConfig read(final Path file) throws IOException {
        final GoldenConfig config = new GoldenConfig();
        for (final String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                config.line(line.trim().split("\\s+"));
            }
        }
        return config;
    }

    private void line(final String... words) {
        switch (words[0]) {
            case "tcp", "udp" -> listeners.add(listener(words));
            case "mtu" -> fib.mtu(words[1], Integer.parseInt(words[2]));
            case "wait" -> waitSeconds = Integer.parseInt(words[1]);
            default -> throw new IllegalArgumentException("no such line: " + String.join(" ", words));
        }
    }

    private static ListenerDraft listener(final String... words) {
        final Endpoint virtual = Endpoint.of(words[1]);
        final Endpoint[] servers = Arrays.stream(words).skip(2).filter(word -> word.contains(":")).map(Endpoint::of)
            .toArray(Endpoint[]::new);
        final ListenerDraft draft = "tcp".equals(words[0]) ? ListenerDraft.tcp(virtual, servers) : ListenerDraft.udp(virtual, servers);
        for (int i = 2 + servers.length; i < words.length; i++) {
            switch (words[i]) {
                case "keepTimestamps" -> draft.keepTimestamps();
                case "withoutTtm" -> draft.withoutTtm();
                case "proxyProtocol" -> draft.proxyProtocol();
                case "resetUnknown" -> draft.resetUnknown();
                default -> throw new IllegalArgumentException("no such option: " + words[i]);
            }
        }
        return draft;
    }

    ForwardingSpec spec() {
        return Configuration.of(listeners.toArray(ListenerDraft[]::new));
    }

    StaticFib fib() {
        return fib;
    }

    int waitSeconds() {
        return waitSeconds;
    }
}
