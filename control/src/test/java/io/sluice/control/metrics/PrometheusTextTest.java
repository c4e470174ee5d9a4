package io.sluice.control.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
    private static final DataplaneStatus STATUS = new DataplaneStatus(true, 1, 3, 5, 100, 2, List.of(),
        List.of(new DataplaneStatus.Port("eth0", "afpacket", "", true)));

    @Test
    void shouldNameDropsByReasonAndOthersBySubject() {
        final String text = PrometheusText.of("1.0", 3, STATUS, List.of(
            new CounterView("drops.no_backend", "", 7, "no backend"),
            new CounterView("listener.connections_opened", "front/http", 4, "connections opened"),
            new CounterView("drops.TTL_EXPIRED", "", 1, "expired"),
            new CounterView("listener.connections_opened", "front/\"dns\"", 6, "connections opened")));

        assertThat(text.lines()).contains("sluice_drops_total{reason=\"no_backend\"} 7", "sluice_drops_total{reason=\"ttl_expired\"} 1",
            "sluice_listener_connections_opened_total{listener=\"front/http\"} 4",
            "sluice_listener_connections_opened_total{listener=\"front/\\\"dns\\\"\"} 6",
            "sluice_connections 5", "sluice_port_up{port=\"eth0\"} 1", "sluice_build_info{version=\"1.0\"} 1");
        assertThat(text.lines().filter(line -> line.startsWith("# TYPE")).distinct().count())
            .isEqualTo(text.lines().filter(line -> line.startsWith("# TYPE")).count());
    }

    @Test
    void shouldTellLevelsFromCounters() {
        final String text = PrometheusText.of("1.0", 3, STATUS, List.of(new CounterView("connections_current", "", 5, "connections now"),
            new CounterView("cycles", "", 9, "turns"), new CounterView("cycles", "lane-1", 8, "turns")));

        assertThat(text.lines()).contains("# TYPE sluice_connections_current gauge", "sluice_connections_current 5",
            "# TYPE sluice_cycles_total counter", "sluice_cycles_total 9", "sluice_cycles_total{lane=\"lane-1\"} 8");
    }

    @Test
    void shouldNeverWriteASampleTwice() {
        final String text = PrometheusText.of("1.0", 3, STATUS, List.of(new CounterView("drops.no_route", "", 5, "no route"),
            new CounterView("drops.no_route", "lane-1", 2, "no route"), new CounterView("backend.packets_in", "10.2.0.11:80", 1, "in"),
            new CounterView("backend.packets_in", "10.2.0.11:80", 2, "in")));

        assertThat(text.lines()).contains("sluice_drops_total{reason=\"no_route\"} 7",
            "sluice_backend_packets_in_total{backend=\"10.2.0.11:80\"} 3").doesNotHaveDuplicates();
    }
}
