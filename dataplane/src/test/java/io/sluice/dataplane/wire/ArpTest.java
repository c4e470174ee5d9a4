package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ArpTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;
    private static final int VIP = 0x0a01_0064;
    private static final int ARP = Ethernet.LENGTH;

    @Test
    void shouldWriteAProbe() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + Arp.FRAME_LENGTH + 1]);
        memory.fill((byte) 0xee);
        Arp.writeProbe(memory, 1, A, VIP);
        assertThat(KnownFrames.hex(memory)).isEqualTo("ee" + KnownFrames.ARP_PROBE + "ee");
    }

    @Test
    void shouldWriteAnAnnouncement() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + Arp.FRAME_LENGTH + 1]);
        memory.fill((byte) 0xee);
        Arp.writeAnnouncement(memory, 1, A, VIP);
        // The kernel's own, with net.ipv4.conf.all.arp_notify, is the same.
        assertThat(KnownFrames.hex(memory)).isEqualTo("ee" + KnownFrames.ARP_ANNOUNCE + "ee");
    }

    @Test
    void shouldWriteAddressesWithTheHighestBitSet() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[Arp.FRAME_LENGTH]);
        Arp.writeAnnouncement(memory, 0, 0xf2ff_ffff_fffeL, 0xdfff_fffe);
        assertThat(Arp.senderMac(memory, ARP)).isEqualTo(0xf2ff_ffff_fffeL);
        assertThat(Arp.sender(memory, ARP)).isEqualTo(0xdfff_fffe);
        assertThat(Arp.target(memory, ARP)).isEqualTo(0xdfff_fffe);
        assertThat(Ethernet.source(memory, 0)).isEqualTo(0xf2ff_ffff_fffeL);
    }

    @Test
    void shouldReadTheFieldsOfAReply() {
        final MemorySegment reply = KnownFrames.frame(KnownFrames.ARP_REPLY);
        assertThat(Arp.isEthernetIpv4(reply, ARP)).isTrue();
        assertThat(Arp.operation(reply, ARP)).isEqualTo(Arp.REPLY);
        assertThat(Arp.senderMac(reply, ARP)).isEqualTo(B);
        assertThat(Arp.sender(reply, ARP)).isEqualTo(VIP);
        assertThat(Arp.target(reply, ARP)).isZero();
    }

    @Test
    void shouldKnowOtherHardwareAndProtocols() {
        for (int at = 0; at < Arp.OPERATION; at++) {
            final MemorySegment frame = KnownFrames.frame(KnownFrames.ARP_REPLY);
            NetworkOrder.u8(frame, ARP + at, NetworkOrder.u8(frame, ARP + at) ^ 0x20);
            assertThat(Arp.isEthernetIpv4(frame, ARP)).as("byte %d", at).isFalse();
        }
    }
}
