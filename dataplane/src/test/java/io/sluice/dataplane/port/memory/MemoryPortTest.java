package io.sluice.dataplane.port.memory;

import static io.sluice.dataplane.port.AllocationFree.assertThatNothingIsAllocatedBy;
import static io.sluice.dataplane.port.EthernetBytes.BROADCAST;
import static io.sluice.dataplane.port.EthernetBytes.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import org.junit.jupiter.api.Test;

class MemoryPortTest {
    private static final int POOL = 100;

    private final Frames frames = new Frames(FrameArena.allocate(POOL + 4, 2048), 4);
    private final MemoryPort port = new MemoryPort("m0", 3, frames, 70);
    private final Burst burst = new Burst();

    @Test
    void shouldCarryFramesWithTheirMetadataBothWays() {
        final MemoryFrame plain = MemoryFrame.plain(numbered(BROADCAST, 1, 60));
        final MemoryFrame large = MemoryFrame.plain(numbered(BROADCAST, 2, 2000)).withPartialChecksum(34, 16)
            .withGso(Burst.GSO_TCPV4, 500);
        final MemoryFrame foreign = MemoryFrame.plain(numbered(BROADCAST, 3, 60)).withVlanStripped().withOtherHost();
        assertThat(port.inject(plain)).isTrue();
        assertThat(port.inject(large)).isTrue();
        assertThat(port.inject(foreign)).isTrue();

        assertThat(port.poll(burst)).isEqualTo(3);
        assertThat(burst.port(0)).isEqualTo(3);
        assertThat(burst.isChecksumPartial(1)).isTrue();
        assertThat(burst.gsoSize(1)).isEqualTo(500);
        assertThat(burst.isForeign(2)).isTrue();
        for (int i = 0; i < 3; i++) {
            port.transmit(burst, i);
        }
        assertThat(port.take()).isNull();
        assertThat(port.flush()).isEqualTo(3);
        assertThat(port.take()).usingRecursiveComparison().isEqualTo(plain);
        assertThat(port.take()).usingRecursiveComparison().isEqualTo(large);
        assertThat(port.take()).usingRecursiveComparison().isEqualTo(foreign);
        assertThat(port.take()).isNull();
        assertThat(frames.receive().available()).isEqualTo(POOL);
    }

    @Test
    void shouldSayWhenARingIsFull() {
        for (int i = 0; i < 70; i++) {
            assertThat(port.inject(MemoryFrame.plain(numbered(BROADCAST, i, 60)))).isTrue();
        }
        assertThat(port.inject(MemoryFrame.plain(new byte[60]))).isFalse();
        assertThat(port.poll(burst)).isEqualTo(Burst.CAPACITY);
        for (int i = 0; i < 64; i++) {
            port.transmit(burst, i);
        }
        burst.clear();
        for (int i = 0; i < 10; i++) {
            assertThat(port.inject(MemoryFrame.plain(numbered(BROADCAST, 70 + i, 60)))).isTrue();
        }
        assertThat(port.poll(burst)).isEqualTo(16);
        for (int i = 0; i < 16; i++) {
            port.transmit(burst, i);
        }
        assertThat(port.flush()).isEqualTo(70);
        assertThat(port.transmitFailures()).isEqualTo(10);
        for (int i = 0; i < 70; i++) {
            assertThat(port.take().bytes()).isEqualTo(numbered(BROADCAST, i, 60));
        }
        assertThat(frames.receive().available()).isEqualTo(POOL);
    }

    @Test
    void shouldWaitForAFreeFrame() {
        final Frames two = new Frames(FrameArena.allocate(3, 2048), 1);
        final MemoryPort small = new MemoryPort("m1", 0, two, 8);
        for (int i = 0; i < 4; i++) {
            small.inject(MemoryFrame.plain(numbered(BROADCAST, i, 60)));
        }
        assertThat(small.poll(burst)).isEqualTo(2);
        assertThat(small.poll(burst)).isZero();
        two.release(burst.offset(0));
        assertThat(small.poll(burst)).isEqualTo(1);
        assertThat(small.receiveFailures()).isZero();
    }

    @Test
    void shouldDropWhatIsLongerThanAFrame() {
        port.inject(MemoryFrame.plain(new byte[frames.arena().capacity() + 1]));
        port.inject(MemoryFrame.plain(new byte[frames.arena().capacity()]));
        assertThat(port.poll(burst)).isEqualTo(1);
        assertThat(port.receiveFailures()).isEqualTo(1);
    }

    @Test
    void shouldLoseWhatIsSentWhileDown() {
        port.inject(MemoryFrame.plain(new byte[60]));
        port.poll(burst);
        port.setUp(false);
        port.inject(MemoryFrame.plain(new byte[60]));
        assertThat(port.poll(burst)).isZero();
        port.transmit(burst, 0);
        assertThat(port.flush()).isZero();
        assertThat(port.transmitFailures()).isEqualTo(1);
        port.setUp(true);
        assertThat(port.poll(burst)).isEqualTo(1);
    }

    @Test
    void shouldAllocateNothing() {
        final MemoryFrame frame = MemoryFrame.plain(numbered(BROADCAST, 1, 200)).withPartialChecksum(34, 16);
        assertThatNothingIsAllocatedBy(() -> {
            port.inject(frame);
            burst.clear();
            port.poll(burst);
            port.transmit(burst, 0);
            port.flush();
            port.discard();
        });
        assertThat(port.transmitFailures()).isZero();
    }
}
