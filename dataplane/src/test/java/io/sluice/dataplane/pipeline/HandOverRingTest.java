package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.port.AllocationFree.assertThatNothingIsAllocatedBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.verdict.Verdict;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandOverRingTest {
    private static final int FRAME_BYTES = 2048;
    private static final int CAPACITY = 512;

    private final Frames sender = frames();
    private final Frames owner = frames();
    private final HandOverRing ring = new HandOverRing(FRAME_BYTES);
    private final Burst out = new Burst();
    private final Burst in = new Burst();

    private static Frames frames() {
        return new Frames(FrameArena.allocate(102, FRAME_BYTES), 2);
    }

    private int add(final int number, final int length) {
        final long offset = sender.receive().take();
        for (int i = 0; i < length; i++) {
            sender.arena().memory().set(ValueLayout.JAVA_BYTE, offset + i, (byte) (number + i));
        }
        return out.add(offset, length, 1);
    }

    private boolean offer(final int i) {
        return ring.offer(sender.arena().memory(), out, i);
    }

    @Test
    void shouldCarryAFrameWithAllThatIsKnownOfIt() {
        add(1, 60);
        final int i = add(2, FRAME_BYTES);
        out.gso(i, Burst.GSO_TCPV6, 1400);
        out.partialChecksum(i, 54, 16);
        out.handOver(i, 3, true);
        assertThat(out.lane(i)).isEqualTo(3);
        assertThat(offer(0)).isTrue();
        assertThat(offer(i)).isTrue();

        assertThat(ring.poll(in, owner.receive())).isEqualTo(2);

        assertThat(in.isHandedOver(0)).isFalse();
        assertThat(in.isHandedOver(1)).isTrue();
        assertThat(in.verdict(1)).isEqualTo(Verdict.PASS);
        assertThat(in.length(1)).isEqualTo(FRAME_BYTES);
        assertThat(in.port(1)).isEqualTo(1);
        assertThat(in.gsoSize(1)).isEqualTo(1400);
        assertThat(in.gsoType(1)).isEqualTo(Burst.GSO_TCPV6);
        assertThat(in.isChecksumPartial(1)).isTrue();
        assertThat(in.checksumStart(1)).isEqualTo(54);
        assertThat(owner.receive().owns(in.offset(1))).isTrue();
        for (int at = 0; at < FRAME_BYTES; at++) {
            assertThat(owner.arena().memory().get(ValueLayout.JAVA_BYTE, in.offset(1) + at)).isEqualTo((byte) (2 + at));
        }
        assertThat(ring.poll(in, owner.receive())).isZero();
    }

    @Test
    void shouldRefuseWhatItHasNoRoomFor() {
        add(1, 60);
        for (int i = 0; i < CAPACITY; i++) {
            assertThat(offer(0)).isTrue();
        }
        assertThat(offer(0)).isFalse();
        assertThat(ring.poll(in, owner.receive())).isEqualTo(Burst.CAPACITY);
        assertThat(offer(0)).isTrue();
    }

    @Test
    void shouldWaitForRoomInTheBurstAndForFrames() {
        add(1, 60);
        for (int i = 0; i < 200; i++) {
            offer(0);
        }
        assertThat(ring.poll(in, owner.receive())).isEqualTo(64);
        assertThat(ring.poll(in, owner.receive())).isZero();
        in.clear();
        assertThat(ring.poll(in, owner.receive())).isEqualTo(36);
        assertThat(ring.poll(in, owner.receive())).isZero();
        for (int i = 0; i < 36; i++) {
            owner.release(in.offset(i));
        }
        in.clear();
        assertThat(ring.poll(in, owner.receive())).isEqualTo(36);
    }

    @Test
    void shouldWakeTheLaneThatWaits() {
        final AtomicInteger woken = new AtomicInteger();
        ring.wakeUp();
        ring.onOffer(woken::incrementAndGet);
        ring.wakeUp();
        assertThat(woken).hasValue(1);
    }

    @Test
    void shouldAllocateNothing() {
        add(1, 1500);
        assertThatNothingIsAllocatedBy(() -> {
            for (int i = 0; i < 10; i++) {
                offer(0);
            }
            in.clear();
            ring.poll(in, owner.receive());
            for (int i = 0; i < in.size(); i++) {
                owner.release(in.offset(i));
            }
        });
        for (int i = 0; i < CAPACITY; i++) {
            offer(0);
        }
        assertThatNothingIsAllocatedBy(() -> assertFull());
    }

    private void assertFull() {
        if (offer(0)) {
            throw new AssertionError("a full ring took a frame");
        }
    }
}
