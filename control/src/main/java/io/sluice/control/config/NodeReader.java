package io.sluice.control.config;

import io.sluice.control.model.NodeSettings;
import io.sluice.control.yaml.Section;
import io.sluice.control.yaml.Value;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.PortChoice;
import io.sluice.dataplane.api.ThreadingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The two sections that hold for the life of the process: {@code node} and {@code dataplane}. */
final class NodeReader {
    private static final Map<String, PortChoice> PORT = port();
    private static final Map<String, ThreadingMode> THREADING = threading();
    private static final Map<String, IdleMode> IDLE = idle();

    private NodeReader() {
    }

    static NodeSettings node(final Section section) {
        final NodeSettings node = new NodeSettings(
            section.value("name").flatMap(Fields::nameText).orElse("sluice"),
            Fields.path(section, "stateDirectory", NodeSettings.DEFAULT_STATE_DIRECTORY),
            Fields.socketPath(section, "socket", NodeSettings.DEFAULT_SOCKET));
        section.end();
        return node;
    }

    /** The ranges are those of {@link DataplaneConfig}; a test holds the two together. */
    static DataplaneConfig dataplane(final Section section, final Path stateDirectory) {
        final List<String> interfaces = interfaces(section);
        final DataplaneConfig settings = new DataplaneConfig(
            interfaces.isEmpty() ? List.of("none") : interfaces,
            stateDirectory,
            Fields.oneOf(section, "port", PORT, PortChoice.AUTO),
            Fields.integer(section, "lanes", DataplaneConfig.AUTOMATIC, 1, DataplaneConfig.MAX_LANES),
            Fields.oneOf(section, "threading", THREADING, ThreadingMode.SHARED),
            Fields.oneOf(section, "idle", IDLE, IdleMode.BACKOFF),
            Fields.integer(section, "maxConnections", DataplaneConfig.DEFAULT_MAX_CONNECTIONS, 1024, 50_000_000),
            Fields.integer(section, "maxFragments", DataplaneConfig.DEFAULT_MAX_FRAGMENTS, 64, 1 << 20),
            Fields.integer(section, "receiveFrames", DataplaneConfig.DEFAULT_RECEIVE_FRAMES, 64, 1 << 16),
            Fields.integer(section, "storeShards", DataplaneConfig.DEFAULT_STORE_SHARDS, 1, 64),
            Fields.integer(section, "refreshSeconds", DataplaneConfig.DEFAULT_REFRESH_SECONDS, 1, 3600));
        section.end();
        return settings;
    }

    private static List<String> interfaces(final Section section) {
        final List<String> names = new ArrayList<>();
        for (final Value value : section.requiredValues("interfaces",
            "the interfaces that carry the clients' and the servers' traffic, such as [eth0, eth1]")) {
            Fields.interfaceName(value).ifPresent(name -> {
                if (names.contains(name)) {
                    value.refuse("is listed twice; each interface gets one port");
                } else {
                    names.add(name);
                }
            });
        }
        return names;
    }

    private static Map<String, PortChoice> port() {
        final Map<String, PortChoice> words = new LinkedHashMap<>();
        words.put("auto", PortChoice.AUTO);
        words.put("af_packet", PortChoice.AF_PACKET);
        words.put("af_xdp", PortChoice.AF_XDP);
        return words;
    }

    /** INVOKER is for tests and tools: in a daemon nothing would drive the lanes. */
    private static Map<String, ThreadingMode> threading() {
        final Map<String, ThreadingMode> words = new LinkedHashMap<>();
        words.put("shared", ThreadingMode.SHARED);
        words.put("dedicated", ThreadingMode.DEDICATED);
        return words;
    }

    private static Map<String, IdleMode> idle() {
        final Map<String, IdleMode> words = new LinkedHashMap<>();
        words.put("backoff", IdleMode.BACKOFF);
        words.put("spin", IdleMode.SPIN);
        return words;
    }
}
