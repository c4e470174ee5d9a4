package io.sluice.dataplane.port.afpacket;

import static io.sluice.dataplane.port.AllocationFree.assertThatNothingIsAllocatedBy;
import static io.sluice.dataplane.port.EthernetBytes.BROADCAST;
import static io.sluice.dataplane.port.EthernetBytes.numbered;
import static io.sluice.dataplane.port.EthernetBytes.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PortPoller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port on real interfaces. */
@Tag("netns")
class AfPacketPortTest {
    private AfPacketPair pair;

    @BeforeEach
    void open() {
        pair = new AfPacketPair();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void shouldCarryPlainFramesByteForByteAndInOrder() {
        final byte[][] sent = IntStream.range(0, 64).mapToObj(i -> numbered(BROADCAST, i, 60 + 20 * i)).toArray(byte[][]::new);
        assertThat(pair.send(sent)).isTrue();
        final Burst received = pair.receive(64);
        for (int i = 0; i < received.size(); i++) {
            assertThat(received.port(i)).isEqualTo(7);
            assertThat(received.isChecksumPartial(i)).isFalse();
            assertThat(received.gsoSize(i)).isZero();
            assertThat(received.isForeign(i)).isFalse();
        }
        assertThat(pair.bytes(received)).containsExactly(sent);
        assertThat(pair.near.transmitFailures()).isZero();
    }

    @Test
    void shouldKeepTheOrderOfShortAndLongFrames() {
        useJumboFrames();
        final byte[][] sent = IntStream.range(0, 64)
            .mapToObj(i -> numbered(BROADCAST, i, i % 7 < 3 ? 5000 + i : 60 + 10 * i)).toArray(byte[][]::new);
        assertThat(pair.send(sent)).isTrue();
        assertThat(pair.bytes(pair.receive(64))).containsExactly(sent);
        assertThat(pair.far.receiveFailures()).isZero();
    }

    @Test
    void shouldGoRoundItsRing() {
        for (int round = 0; round < 100; round++) {
            final int first = 64 * round;
            final byte[][] sent = IntStream.range(first, first + 64).mapToObj(i -> numbered(BROADCAST, i, 64)).toArray(byte[][]::new);
            assertThat(pair.send(sent)).isTrue();
            assertThat(pair.bytes(pair.receive(64))).containsExactly(sent);
        }
        assertThat(pair.far.receiveFailures()).isZero();
    }

    @Test
    void shouldCountLongFramesThatFoundNoRoom() {
        useJumboFrames();
        final int count = 2048;
        for (int i = 0; i < count; i += 64) {
            final int first = i;
            assertThat(pair.send(IntStream.range(first, first + 64).mapToObj(n -> numbered(BROADCAST, n, 9000)).toArray(byte[][]::new)))
                .isTrue();
        }
        final List<byte[]> seen = new ArrayList<>();
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            seen.addAll(pair.bytes(drained()));
            return seen.size() + pair.far.receiveFailures() == count;
        });
        assertThat(seen).hasSizeBetween(100, count - 1);
        for (int i = 0; i < seen.size(); i++) {
            assertThat(seen.get(i)).isEqualTo(numbered(BROADCAST, i, 9000));
        }
        assertThat(pair.send(numbered(BROADCAST, 1, 9000))).isTrue();
        assertThat(pair.bytes(pair.receive(1))).containsExactly(numbered(BROADCAST, 1, 9000));
    }

    private void useJumboFrames() {
        pair.nearHost.exec("ip", "link", "set", "n0", "mtu", "9000");
        pair.farHost.exec("ip", "link", "set", "f0", "mtu", "9000");
    }

    @Test
    void shouldNeverReceiveWhatItSends() {
        assertThat(pair.send(numbered(BROADCAST, 1, 64))).isTrue();
        pair.bytes(pair.receive(1));
        assertThat(pair.near.poll(new Burst())).isZero();
    }

    @Test
    void shouldSendABatchByItselfWhenMoreIsQueued() {
        final Burst first = new Burst();
        final Burst second = new Burst();
        for (int i = 0; i < 100; i++) {
            final Burst burst = i < 50 ? first : second;
            pair.near.transmit(burst, EthernetBytes.add(pair.nearFrames, burst, numbered(BROADCAST, i, 64)));
        }
        assertThat(pair.near.flush()).isEqualTo(100);
        assertThat(pair.near.flush()).isZero();
        assertThat(pair.nearFrames.receive().available()).isEqualTo(AfPacketPair.FRAMES - 16);
    }

    @Test
    void shouldSkipAFrameBeyondTheMtuWithoutStoppingTheOthers() {
        final byte[] first = numbered(BROADCAST, 1, 1514);
        final byte[] last = numbered(BROADCAST, 3, 60);
        assertThat(pair.send(first, numbered(BROADCAST, 2, 3000), last)).isFalse();
        assertThat(pair.bytes(pair.receive(2))).containsExactly(first, last);
        assertThat(pair.near.transmitFailures()).isEqualTo(1);
        assertThat(pair.near.isUp()).isTrue();
    }

    @Test
    void shouldCountWhatAFullQueueRefuses() {
        pair.nearHost.exec("tc", "qdisc", "add", "dev", "n0", "root", "tbf", "rate", "8kbit", "burst", "1600", "limit", "3200");
        final byte[][] sent = IntStream.range(0, 40).mapToObj(i -> numbered(BROADCAST, i, 1000)).toArray(byte[][]::new);
        assertThat(pair.send(sent)).isFalse();
        assertThat(pair.near.transmitFailures()).isBetween(30L, 39L);
        assertThat(pair.nearFrames.receive().available()).isEqualTo(AfPacketPair.FRAMES - 16);
    }

    @Test
    void shouldFlagFramesOfAVlanButNotPriorityTags() {
        assertThat(pair.send(tagged(42, 1), tagged(0, 2))).isTrue();
        final Burst received = pair.receive(2);
        assertThat(received.isVlanStripped(0)).isTrue();
        assertThat(received.isForeign(0)).isTrue();
        assertThat(received.isVlanStripped(1)).isFalse();
        assertThat(received.length(1)).isEqualTo(60);
    }

    @Test
    void shouldFlagFramesForAnotherHost() {
        final String mac = pair.farHost.exec("cat", "/sys/class/net/f0/address").strip().replace(":", "");
        assertThat(pair.send(numbered(0x0200_0000_00aaL, 1, 64), numbered(Long.parseLong(mac, 16), 2, 64))).isTrue();
        final Burst received = pair.receive(2);
        assertThat(received.isOtherHost(0)).isTrue();
        assertThat(received.isForeign(0)).isTrue();
        assertThat(received.isOtherHost(1)).isFalse();
    }

    @Test
    void shouldDropTruncatedFramesAndKeepTheirBuffers() {
        final Frames small = new Frames(FrameArena.allocate(96, 512), 16);
        try (AfPacketPort port = pair.farHost.call(() -> AfPacketPort.open("f0", 0, small))) {
            final Burst burst = new Burst();
            for (int round = 0; round < 5; round++) {
                final byte[] good = numbered(BROADCAST, round, 500);
                assertThat(pair.send(numbered(BROADCAST, 1, 1000), good, numbered(BROADCAST, 2, 900))).isTrue();
                burst.clear();
                final long lost = 2L * (round + 1);
                Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
                    port.poll(burst);
                    return burst.size() == 1 && port.receiveFailures() == lost;
                });
                assertThat(EthernetBytes.bytes(small, burst, 0)).isEqualTo(good);
                small.release(burst.offset(0));
            }
        }
        assertThat(small.receive().available()).isEqualTo(80);
    }

    @Test
    void shouldGoOnReceivingWhenFramesWereExhaustedForAWhile() {
        final Frames few = new Frames(FrameArena.allocate(12, 2048), 2);
        try (AfPacketPort port = pair.farHost.call(() -> AfPacketPort.open("f0", 0, few))) {
            final byte[][] sent = IntStream.range(0, 30).mapToObj(i -> numbered(BROADCAST, i, 64)).toArray(byte[][]::new);
            assertThat(pair.send(sent)).isTrue();
            final Burst burst = new Burst();
            final List<byte[]> seen = new ArrayList<>();
            Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
                burst.clear();
                port.poll(burst);
                assertThat(burst.size()).isLessThanOrEqualTo(10);
                for (int i = 0; i < burst.size(); i++) {
                    seen.add(EthernetBytes.bytes(few, burst, i));
                    few.release(burst.offset(i));
                }
                return seen.size() == 30;
            });
            assertThat(seen).containsExactly(sent);
        }
        assertThat(few.receive().available()).isEqualTo(10);
    }

    @Test
    void shouldReturnEveryFrameWhenClosed() {
        pair.send(numbered(BROADCAST, 1, 64));
        pair.bytes(pair.receive(1));
        pair.near.poll(new Burst());
        pair.near.close();
        assertThat(pair.nearFrames.receive().available()).isEqualTo(AfPacketPair.FRAMES - 16);
        pair.far.close();
        assertThat(pair.farFrames.receive().available()).isEqualTo(AfPacketPair.FRAMES - 16);
    }

    @Test
    void shouldAllocateNothing() {
        final Burst out = new Burst();
        final Burst in = new Burst();
        final byte[] frame = numbered(BROADCAST, 1, 200);
        assertThatNothingIsAllocatedBy(() -> exchange(out, in, frame));
        assertThat(pair.near.transmitFailures()).isZero();
        assertThat(pair.far.receiveFailures()).isZero();
    }

    private void exchange(final Burst out, final Burst in, final byte[] frame) {
        out.clear();
        for (int k = 0; k < 8; k++) {
            pair.near.transmit(out, EthernetBytes.add(pair.nearFrames, out, frame));
        }
        pair.near.flush();
        in.clear();
        pair.far.poll(in);
        for (int k = 0; k < in.size(); k++) {
            pair.farFrames.release(in.offset(k));
        }
    }

    @Test
    void shouldComeBackWhenTheInterfaceIsUpAgain() {
        pair.farHost.exec("ip", "link", "set", "f0", "down");
        awaitDown();
        pair.far.checkLink();
        assertThat(pair.far.isUp()).isFalse();
        AfPacketPair.send(pair.far, pair.farFrames, numbered(BROADCAST, 1, 64));
        assertThat(pair.far.transmitFailures()).isEqualTo(1);

        pair.farHost.exec("ip", "link", "set", "f0", "up");
        pair.far.checkLink();
        assertThat(pair.far.isUp()).isTrue();
        assertTraffic(2);
    }

    @Test
    void shouldMoveToANewInterfaceOfTheSameName() {
        final int descriptor = pair.far.fileDescriptor();
        pair.farHost.exec("ip", "link", "del", "f0");
        awaitDown();
        pair.far.checkLink();
        assertThat(pair.far.isUp()).isFalse();
        AfPacketPair.send(pair.far, pair.farFrames, numbered(BROADCAST, 1, 64));
        assertThat(pair.far.transmitFailures()).isEqualTo(1);
        assertThat(pair.far.isUp()).isFalse();

        NetworkNamespace.connect(pair.nearHost, "n0", pair.farHost, "f0");
        pair.far.checkLink();
        pair.near.checkLink();
        assertThat(pair.far.isUp()).isTrue();
        assertThat(pair.far.fileDescriptor()).isEqualTo(descriptor);
        assertTraffic(3);
    }

    @Test
    void shouldNoticeAnInterfaceThatWasReplacedBetweenTwoChecks() {
        pair.farHost.exec("ip", "link", "del", "f0");
        NetworkNamespace.connect(pair.nearHost, "n0", pair.farHost, "f0");
        pair.far.checkLink();
        pair.near.checkLink();
        assertThat(pair.far.isUp()).isTrue();
        assertTraffic(4);
    }

    @Test
    void shouldOpenAnInterfaceThatIsDown() {
        pair.farHost.exec("ip", "link", "set", "f0", "down");
        try (AfPacketPort port = pair.farHost.call(() -> AfPacketPort.open("f0", 0, pair.farFrames))) {
            assertThat(port.isUp()).isFalse();
            assertThat(port).hasToString("f0 (down)");
            pair.farHost.exec("ip", "link", "set", "f0", "up");
            port.checkLink();
            assertThat(port.isUp()).isTrue();
            assertThat(port).hasToString("f0 (up)");
        }
    }

    @Test
    void shouldCountWhatOverranTheReceiveBuffer() {
        for (int round = 0; round < 200; round++) {
            final byte[][] sent = IntStream.range(0, 64).mapToObj(i -> numbered(BROADCAST, i, 1500)).toArray(byte[][]::new);
            pair.send(sent);
        }
        pair.far.checkLink();
        assertThat(pair.far.receiveFailures()).isBetween(1L, 200L * 64);
    }

    @Test
    @Timeout(30)
    void shouldEndAWaitWhenAFrameArrivesAndNotSpinOnADeadInterface() {
        try (PortPoller poller = new PortPoller(List.of(pair.near, pair.far))) {
            pair.near.poll(new Burst());
            pair.bytes(drained());
            assertThat(poller.await(0)).isZero();
            assertThat(poller.isReady(0) || poller.isReady(1)).isFalse();
            pair.send(numbered(BROADCAST, 1, 64));
            assertThat(poller.await(Long.MAX_VALUE)).isEqualTo(1);
            assertThat(poller.isReady(0)).isFalse();
            assertThat(poller.isReady(1)).isTrue();
            pair.bytes(drained());

            pair.farHost.exec("ip", "link", "del", "f0");
            assertThat(poller.await(Long.MAX_VALUE)).isPositive();
            pair.near.poll(new Burst());
            pair.far.poll(new Burst());
            assertThat(pair.near.isUp()).isFalse();
            assertThat(pair.far.isUp()).isFalse();
            assertThat(poller.await(1)).isZero();
        }
    }

    private Burst drained() {
        final Burst burst = new Burst();
        pair.far.poll(burst);
        return burst;
    }

    private void awaitDown() {
        final Burst burst = new Burst();
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            pair.far.poll(burst);
            return !pair.far.isUp();
        });
    }

    private void assertTraffic(final int number) {
        final byte[] frame = numbered(BROADCAST, number, 64);
        assertThat(pair.send(frame)).isTrue();
        assertThat(pair.bytes(pair.receive(1))).containsExactly(frame);
        final byte[] answer = numbered(BROADCAST, number + 100, 64);
        assertThat(AfPacketPair.send(pair.far, pair.farFrames, answer)).isTrue();
    }
}
