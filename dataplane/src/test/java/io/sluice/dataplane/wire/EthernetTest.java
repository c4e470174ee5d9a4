package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class EthernetTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;

    @Test
    void shouldReadTheFieldsOfAHeader() {
        final MemorySegment header = KnownFrames.frame("f1f2f3f4f5f6" + "e1e2e3e4e5e6" + "86dd");
        assertThat(Ethernet.destination(header, 0)).isEqualTo(0xf1f2_f3f4_f5f6L);
        assertThat(Ethernet.source(header, 0)).isEqualTo(0xe1e2_e3e4_e5e6L);
        assertThat(Ethernet.type(header, 0)).isEqualTo(Ethernet.IPV6);
    }

    @Test
    void shouldWriteExactlyTheHeader() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + Ethernet.LENGTH + 1]);
        Ethernet.write(memory, 1, 0xf1f2_f3f4_f5f6L, 0xe1e2_e3e4_e5e6L, Ethernet.SERVICE_VLAN);
        assertThat(KnownFrames.hex(memory)).isEqualTo("00" + "f1f2f3f4f5f6" + "e1e2e3e4e5e6" + "88a8" + "00");
    }

    @Test
    void shouldReadKnownFrames() {
        final MemorySegment syn = KnownFrames.frame(KnownFrames.TCP4_SYN);
        assertThat(Ethernet.destination(syn, 0)).isEqualTo(B);
        assertThat(Ethernet.source(syn, 0)).isEqualTo(A);
        assertThat(Ethernet.type(syn, 0)).isEqualTo(Ethernet.IPV4);
        assertThat(Ethernet.type(KnownFrames.frame(KnownFrames.VLAN_UDP6), 0)).isEqualTo(Ethernet.VLAN);
        assertThat(Ethernet.type(KnownFrames.frame(KnownFrames.ARP_ANNOUNCE), 0)).isEqualTo(Ethernet.ARP);
    }
}
