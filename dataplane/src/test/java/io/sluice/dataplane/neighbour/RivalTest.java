package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Arp;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.NeighbourDiscovery;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RivalTest {
    private static final long MAC = 0x0200_0000_0002L;
    private static final int VIP = 0x0a01_0064;
    private static final long HIGH = 0xfd01_0000_0000_0000L;
    private static final long LOW = 0x100;

    private final MemorySegment frame = MemorySegment.ofArray(new byte[128]);

    @Test
    void shouldSeeAUserInEveryArpSender() {
        Arp.writeAnnouncement(frame, 0, MAC, VIP);
        assertThat(Rival.read(frame, Arp.FRAME_LENGTH)).isEqualTo(rivalFor(VIP));
        NetworkOrder.u16(frame, Ethernet.LENGTH + Arp.OPERATION, Arp.REPLY);
        NetworkOrder.i32(frame, Ethernet.LENGTH + Arp.TARGET, 0);
        assertThat(Rival.read(frame, Arp.FRAME_LENGTH)).isEqualTo(rivalFor(VIP));
    }

    @Test
    void shouldSeeTheSenderAndNotTheTargetOfAnOrdinaryRequest() {
        Arp.writeAnnouncement(frame, 0, MAC, VIP);
        NetworkOrder.i32(frame, Ethernet.LENGTH + Arp.TARGET, VIP + 1);
        assertThat(Rival.read(frame, Arp.FRAME_LENGTH)).isEqualTo(rivalFor(VIP));
    }

    @Test
    void shouldSeeWhoProbesForTheSameAddress() {
        Arp.writeProbe(frame, 0, MAC, VIP);
        assertThat(Rival.read(frame, Arp.FRAME_LENGTH)).isEqualTo(rivalFor(VIP));
        NetworkOrder.u16(frame, Ethernet.LENGTH + Arp.OPERATION, Arp.REPLY);
        assertThat(Rival.read(frame, Arp.FRAME_LENGTH)).as("a reply of nobody").isNull();
        NeighbourDiscovery.writeProbe(frame, 0, MAC, HIGH, LOW);
        assertThat(Rival.read(frame, NeighbourDiscovery.PROBE_LENGTH)).isEqualTo(new Rival(HIGH, LOW, MAC));
    }

    @Test
    void shouldSeeAUserInAnAdvertisementButNotInASolicitationForIt() {
        NeighbourDiscovery.writeAdvertisement(frame, 0, MAC, HIGH, LOW);
        assertThat(Rival.read(frame, NeighbourDiscovery.ADVERTISEMENT_LENGTH)).isEqualTo(new Rival(HIGH, LOW, MAC));
        NetworkOrder.u8(frame, Ethernet.LENGTH + 7, 254);
        assertThat(Rival.read(frame, NeighbourDiscovery.ADVERTISEMENT_LENGTH)).as("it came through a router").isNull();
    }

    @Test
    void shouldSeeNothingInFramesThatAreCut() {
        Arp.writeAnnouncement(frame, 0, MAC, VIP);
        for (int length = 0; length < Arp.FRAME_LENGTH; length++) {
            assertThat(Rival.read(frame.asSlice(0, length), length)).isNull();
        }
        NeighbourDiscovery.writeAdvertisement(frame, 0, MAC, HIGH, LOW);
        for (int length = 0; length < NeighbourDiscovery.ADVERTISEMENT_LENGTH; length++) {
            assertThat(Rival.read(frame.asSlice(0, length), length)).isNull();
        }
    }

    private static Rival rivalFor(final int ipv4) {
        return new Rival(Address.IPV4_HIGH, Address.lowOfIpv4(ipv4), MAC);
    }
}
