package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class NetworkOrderTest {
    private final MemorySegment memory = MemorySegment.ofArray(new byte[9]);

    @Test
    void shouldWriteTheHighestByteFirstAtAnyOffset() {
        NetworkOrder.i64(memory, 1, 0x8182_8384_8586_8788L);
        assertThat(KnownFrames.hex(memory)).isEqualTo("008182838485868788");
        NetworkOrder.i32(memory, 3, 0xfafb_fcfd);
        assertThat(KnownFrames.hex(memory)).isEqualTo("008182fafbfcfd8788");
        NetworkOrder.u16(memory, 0, 0xdead_beef);
        assertThat(KnownFrames.hex(memory)).as("low 16 bits only").isEqualTo("beef82fafbfcfd8788");
        NetworkOrder.u8(memory, 8, 0x1ff);
        assertThat(KnownFrames.hex(memory)).as("low 8 bits only").isEqualTo("beef82fafbfcfd87ff");
    }

    @Test
    void shouldReadUnsignedWhatIsNarrowerThanItsType() {
        final MemorySegment bytes = KnownFrames.frame("00ff80feff01020304");
        assertThat(NetworkOrder.u8(bytes, 1)).isEqualTo(255);
        assertThat(NetworkOrder.u16(bytes, 1)).isEqualTo(0xff80);
        assertThat(NetworkOrder.i32(bytes, 1)).isEqualTo(0xff80_feff);
        assertThat(NetworkOrder.i64(bytes, 1)).isEqualTo(0xff80_feff_0102_0304L);
    }

    @Test
    void shouldNeverReachOutsideTheMemory() {
        assertThatThrownBy(() -> NetworkOrder.u8(memory, 9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> NetworkOrder.u16(memory, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> NetworkOrder.i32(memory, 6)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> NetworkOrder.i64(memory, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
