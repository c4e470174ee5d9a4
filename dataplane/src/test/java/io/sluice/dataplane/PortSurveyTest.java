package io.sluice.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.lab.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@code dataplane.port: auto} finds and says. */
@Tag("netns")
class PortSurveyTest {
    @Test
    void shouldChooseAfPacketWhereADriverHasToCopyAndSayWhy() {
        try (NetworkNamespace host = NetworkNamespace.create("survey"); NetworkNamespace peer = NetworkNamespace.create("peer")) {
            NetworkNamespace.connect(host, "e0", peer, "p0");
            host.exec("ip", "link", "add", "br0", "type", "bridge");
            final PortSurvey survey = host.call(() -> PortSurvey.of(List.of("e0", "br0", "e9")));
            assertThat(survey.afXdp()).isFalse();
            assertThat(survey.findings()).containsExactly("e0: driver veth has native XDP but no zero-copy",
                "br0: driver bridge has no native XDP", "e9: does not exist");
            assertThat(survey.explain()).startsWith("dataplane.port: auto has chosen af_packet").contains("driver veth");
        }
    }
}
