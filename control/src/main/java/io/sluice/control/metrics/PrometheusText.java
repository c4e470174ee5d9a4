package io.sluice.control.metrics;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The text exposition format, version 0.0.4.
 *
 * <p>{@code drops.no_backend} becomes {@code sluice_drops_total{reason="no_backend"}}. Every other counter keeps its name, with
 * its subject as a label that is called after the first part: {@code listener.connections_opened} of {@code front/http} is
 * {@code sluice_listener_connections_opened_total{listener="front/http"}}. A name that ends in {@code _current} is a level, a
 * gauge to Prometheus; all others only grow. Subjects of the same name are added up.
 */
public final class PrometheusText {
    /** What the HTTP response calls it. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String DROPS = "drops.";

    private final StringBuilder text = new StringBuilder(4096);
    private final Set<String> families = new HashSet<>();

    private PrometheusText() {
    }

    /**
     * All metrics.
     *
     * @param version  of the daemon
     * @param revision of the configuration in force
     * @param status   of the data plane
     * @param counters of the data plane
     * @return the text
     */
    public static String of(final String version, final long revision, final DataplaneStatus status,
                            final List<CounterView> counters) {
        final PrometheusText page = new PrometheusText();
        page.family("sluice_build_info", "gauge", "the version that runs").sample("sluice_build_info", "version", version, 1);
        page.gauge("sluice_running", "1 while lanes process packets", status.running() ? 1 : 0);
        page.gauge("sluice_lanes", "lanes, each with its own connections", status.lanes());
        page.gauge("sluice_config_revision", "revision of the configuration in force", revision);
        page.gauge("sluice_connections", "connections in the table", status.connections());
        page.gauge("sluice_connections_capacity", "connections that the table can hold", status.capacity());
        page.gauge("sluice_connections_restored", "connections taken over at start", status.restored());
        page.family("sluice_port_up", "gauge", "1 while the packet port is usable");
        status.ports().forEach(port -> page.sample("sluice_port_up", "port", port.name(), port.up() ? 1 : 0));
        page.drops(counters);
        page.others(counters);
        return page.text.toString();
    }

    private void drops(final List<CounterView> counters) {
        family("sluice_drops_total", "counter", "packets that were not forwarded, by reason");
        final Map<String, Long> byReason = new LinkedHashMap<>();
        counters.stream().filter(PrometheusText::isDrop)
            .forEach(counter -> byReason.merge(word(counter.name().substring(DROPS.length())), counter.value(), Long::sum));
        byReason.forEach((reason, value) -> sample("sluice_drops_total", "reason", reason, value));
    }

    /** Samples of one family have to stand together, so they are grouped by name first. */
    private void others(final List<CounterView> counters) {
        final Map<String, List<CounterView>> byName = new LinkedHashMap<>();
        counters.stream().filter(counter -> !isDrop(counter) && !families.contains(metric(counter.name())))
            .forEach(counter -> byName.computeIfAbsent(counter.name(), name -> new ArrayList<>()).add(counter));
        byName.forEach((name, members) -> {
            family(metric(name), isLevel(name) ? "gauge" : "counter", members.getFirst().sentence());
            final int dot = name.indexOf('.');
            final String label = dot < 0 ? "lane" : word(name.substring(0, dot));
            final Map<String, Long> bySubject = new LinkedHashMap<>();
            members.forEach(member -> bySubject.merge(member.subject(), member.value(), Long::sum));
            bySubject.forEach((subject, value) -> sample(metric(name), label, subject, value));
        });
    }

    private static boolean isDrop(final CounterView counter) {
        return counter.name().startsWith(DROPS);
    }

    private void gauge(final String name, final String help, final long value) {
        family(name, "gauge", help).sample(name, "", "", value);
    }

    private PrometheusText family(final String name, final String type, final String help) {
        families.add(name);
        text.append("# HELP ").append(name).append(' ').append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n')
            .append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    private void sample(final String name, final String label, final String labelValue, final long value) {
        text.append(name);
        if (!labelValue.isEmpty()) {
            text.append('{').append(label).append("=\"")
                .append(labelValue.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")).append("\"}");
        }
        text.append(' ').append(value).append('\n');
    }

    private static boolean isLevel(final String counterName) {
        return counterName.endsWith("_current");
    }

    private static String metric(final String counterName) {
        return "sluice_" + word(counterName) + (isLevel(counterName) ? "" : "_total");
    }

    private static String word(final String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }
}
