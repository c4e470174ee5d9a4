package io.sluice.dataplane.port.impaired;

import static io.sluice.dataplane.port.EthernetBytes.BROADCAST;
import static io.sluice.dataplane.port.EthernetBytes.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.memory.MemoryFrame;
import io.sluice.dataplane.port.memory.MemoryPort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImpairedPortTest {
    private static final int COUNT = 2000;
    private static final int LENGTH = 100;
    private static final int POOL = 256;

    private final Frames frames = new Frames(FrameArena.allocate(POOL + 1, 2048), 1);
    private final MemoryPort inner = new MemoryPort("m0", 0, frames, 2 * COUNT);

    @Test
    void shouldChangeNothingWithoutImpairments() {
        assertThat(receive(Impairments.NONE, 1)).containsExactlyElementsOf(original());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 42, -7})
    void shouldRepeatItselfWithTheSameSeed(final long seed) {
        final Impairments rates = new Impairments(0.1, 0.1, 0.1, 0.1, 0.1);
        final List<byte[]> first = receive(rates, seed);
        assertThat(receive(rates, seed)).containsExactlyElementsOf(first);
        assertThat(receive(rates, seed + 1)).usingElementComparator(Arrays::compare).isNotEqualTo(first);
    }

    @Test
    void shouldLoseFrames() {
        final List<byte[]> received = receive(new Impairments(0.2, 0, 0, 0, 0), 3);
        assertThat(received).hasSizeBetween(1500, 1700).isSubsetOf(original());
        assertThat(numbers(received)).isSorted().doesNotHaveDuplicates();
        assertThat(receive(new Impairments(1, 0, 0, 0, 0), 3)).isEmpty();
    }

    @Test
    void shouldDuplicateFrames() {
        final List<byte[]> received = receive(new Impairments(0, 0.2, 0, 0, 0), 4);
        assertThat(received).hasSizeBetween(2300, 2500);
        assertThat(numbers(received)).isSorted().containsAll(IntStream.range(0, COUNT).boxed().toList());
        assertThat(numbers(receive(new Impairments(0, 1, 0, 0, 0), 4)))
            .containsExactlyElementsOf(IntStream.range(0, 2 * COUNT).map(i -> i / 2).boxed().toList());
    }

    @Test
    void shouldReorderFramesByOnePlaceAndLoseNone() {
        final List<Integer> numbers = numbers(receive(new Impairments(0, 0, 0.2, 0, 0), 5));
        assertThat(numbers).containsExactlyInAnyOrderElementsOf(IntStream.range(0, COUNT).boxed().toList());
        int moved = 0;
        for (int i = 0; i < COUNT; i++) {
            assertThat(Math.abs(numbers.get(i) - i)).isLessThanOrEqualTo(1);
            moved += numbers.get(i) > i ? 1 : 0;
        }
        assertThat(moved).isBetween(200, 500);
    }

    @Test
    void shouldFlipOneBitOfACorruptedFrame() {
        final List<byte[]> received = receive(new Impairments(0, 0, 0, 1, 0), 6);
        final List<byte[]> original = original();
        assertThat(received).hasSize(COUNT);
        for (int i = 0; i < COUNT; i++) {
            final BitSet difference = BitSet.valueOf(received.get(i));
            difference.xor(BitSet.valueOf(original.get(i)));
            assertThat(difference.cardinality()).isEqualTo(1);
        }
    }

    @Test
    void shouldShortenATruncatedFrame() {
        final List<byte[]> received = receive(new Impairments(0, 0, 0, 0, 1), 7);
        assertThat(received).hasSize(COUNT).allSatisfy(frame -> assertThat(frame.length).isLessThan(LENGTH));
        assertThat(received.stream().mapToInt(frame -> frame.length).distinct().count()).isEqualTo(LENGTH);
    }

    @Test
    void shouldImpairWhatIsSent() {
        final Impairments rates = new Impairments(0.1, 0.1, 0.1, 0, 0);
        try (ImpairedPort port = new ImpairedPort(inner, frames, Impairments.NONE, rates, 8)) {
            final Burst burst = new Burst();
            for (int i = 0; i < COUNT; i++) {
                burst.clear();
                port.transmit(burst, EthernetBytes.add(frames, burst, numbered(BROADCAST, i, LENGTH)));
                port.flush();
            }
            port.flush();
            final Tally tally = port.sentTally();
            assertThat(tally.frames()).isEqualTo(COUNT);
            assertThat(tally.lost()).isBetween(120L, 280L);
            assertThat(tally.duplicated()).isBetween(120L, 280L);
            assertThat(tally.reordered()).isBetween(120L, 280L);
            assertThat(inner.discard()).isEqualTo((int) (COUNT - tally.lost() + tally.duplicated()));
        }
        assertThat(frames.receive().available()).isEqualTo(POOL);
    }

    @Test
    void shouldKeepTheMetadataOfFramesAndCopies() {
        try (ImpairedPort port = new ImpairedPort(inner, frames, new Impairments(0, 1, 0, 0, 0), Impairments.NONE, 9)) {
            inner.inject(MemoryFrame.plain(new byte[LENGTH]).withGso(Burst.GSO_TCPV6, 1220).withPartialChecksum(54, 16));
            final Burst burst = new Burst();
            assertThat(port.poll(burst)).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                assertThat(burst.gsoType(i)).isEqualTo(Burst.GSO_TCPV6);
                assertThat(burst.gsoSize(i)).isEqualTo(1220);
                assertThat(burst.checksumStart(i)).isEqualTo(54);
                frames.release(burst.offset(i));
            }
        }
    }

    @Test
    void shouldNameItsSeed() {
        final ImpairedPort port = new ImpairedPort(inner, frames, Impairments.NONE, Impairments.NONE, 4711);
        assertThat(port.toString()).contains("m0", "seed 4711", "loss=0.0");
    }

    @Test
    void shouldRefuseRatesThatAreNone() {
        assertThatThrownBy(() -> new Impairments(0, 1.1, 0, 0, 0)).hasMessageContaining("duplication is 1.1");
        assertThatThrownBy(() -> new Impairments(Double.NaN, 0, 0, 0, 0)).hasMessageContaining("loss is NaN");
    }

    /** Receives all original frames through an impaired port, in polls of different sizes. */
    private List<byte[]> receive(final Impairments rates, final long seed) {
        final MemoryPort source = new MemoryPort("m0", 0, frames, COUNT);
        original().forEach(frame -> assertThat(source.inject(MemoryFrame.plain(frame))).isTrue());
        final List<byte[]> received = new ArrayList<>();
        final Burst burst = new Burst();
        try (ImpairedPort port = new ImpairedPort(source, frames, rates, Impairments.NONE, seed)) {
            for (int poll = 0; poll < COUNT; poll++) {
                burst.clear();
                assertThat(port.poll(burst)).isEqualTo(burst.size());
                for (int i = 0; i < burst.size(); i++) {
                    received.add(EthernetBytes.bytes(frames, burst, i));
                    frames.release(burst.offset(i));
                }
            }
            assertThat(port.receivedTally().frames()).isEqualTo(COUNT);
        }
        assertThat(frames.receive().available()).isEqualTo(POOL);
        return received;
    }

    private static List<byte[]> original() {
        return IntStream.range(0, COUNT).mapToObj(i -> numbered(BROADCAST, i, LENGTH)).toList();
    }

    private static List<Integer> numbers(final List<byte[]> received) {
        return received.stream().map(frame -> ByteBuffer.wrap(frame).getInt(14)).toList();
    }
}
