package io.sluice.dataplane.port.afxdp;

import static io.sluice.dataplane.port.AllocationFree.assertThatNothingIsAllocatedBy;
import static io.sluice.dataplane.port.afxdp.AfXdpPair.datagram;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.neighbour.RawPacket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PortPoller;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port on real interfaces: the contract of every port, and what is peculiar to this one. */
@Tag("netns")
class AfXdpPortTest {
    private static final int ALL = AfXdpPair.FRAMES - AfXdpPair.SPARE;
    private AfXdpPair pair;

    @BeforeEach
    void open() {
        pair = new AfXdpPair(1);
    }

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void shouldCarryPlainFramesByteForByteAndInOrder() {
        pair.far.poll(new Burst());
        final byte[][] sent = IntStream.range(1, 65).mapToObj(i -> datagram(i, 20 * i)).toArray(byte[][]::new);
        assertThat(pair.send(sent)).isTrue();
        final Burst received = AfXdpPair.receive(pair.far, 64);
        for (int i = 0; i < received.size(); i++) {
            assertThat(received.port(i)).isEqualTo(7);
            assertThat(received.isChecksumPartial(i)).isFalse();
            assertThat(received.gsoSize(i)).isZero();
            assertThat(received.isForeign(i)).isFalse();
        }
        assertThat(AfXdpPair.bytes(pair.farFrames, received)).containsExactly(sent);
        assertThat(pair.near.transmitFailures()).isZero();
    }

    @Test
    void shouldSayHowItIsBound() {
        assertThat(pair.near.detail()).isEqualTo("native mode, copy, 1 queue");
        assertThat(pair.near.kind()).isEqualTo("afxdp");
        assertThat(pair.near).hasToString("n0 (up)");
    }

    @Test
    void shouldSendMoreThanARingHolds() {
        final Burst first = new Burst();
        final Burst second = new Burst();
        for (int i = 0; i < 100; i++) {
            final Burst burst = i < 50 ? first : second;
            pair.near.transmit(burst, EthernetBytes.add(pair.nearFrames, burst, datagram(i + 1, 64)));
        }
        assertThat(pair.near.flush()).isEqualTo(100);
        assertThat(pair.near.flush()).isZero();
        awaitAllFree();
        assertThat(pair.near.transmitFailures()).isZero();
    }

    @Test
    void shouldRefuseWhatIsNotOnePacketWithoutStoppingTheOthers() {
        pair.far.poll(new Burst());
        final Burst burst = new Burst();
        final byte[] first = datagram(1, 1472);
        final byte[] last = datagram(4, 20);
        for (final byte[] frame : List.of(first, datagram(2, 3000), datagram(3, 100), datagram(5, 100), last)) {
            EthernetBytes.add(pair.nearFrames, burst, frame);
        }
        burst.gso(2, Burst.GSO_UDP, 50);
        burst.partialChecksum(3, 34, 4000);
        for (int i = 0; i < burst.size(); i++) {
            pair.near.transmit(burst, i);
        }
        assertThat(pair.near.flush()).isEqualTo(2);
        assertThat(AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 2))).containsExactly(first, last);
        assertThat(pair.near.transmitFailures()).isEqualTo(3);
        assertThat(pair.near.isUp()).isTrue();
        awaitAllFree();
    }

    @Test
    void shouldTellPartialChecksumsFromWrongOnes() throws IOException {
        pair.far.poll(new Burst());
        final byte[] wrong = datagram(1, 20);
        wrong[wrong.length - 1] ^= 1;
        assertThat(pair.send(wrong)).isTrue();
        final Burst broken = AfXdpPair.receive(pair.far, 1);
        assertThat(broken.isChecksumPartial(0)).as("a broken frame").isFalse();
        assertThat(AfXdpPair.bytes(pair.farFrames, broken)).containsExactly(wrong);

        pair.nearHost.exec("ip", "addr", "add", AfXdpPair.NEAR + "/24", "dev", "n0");
        pair.nearHost.exec("ip", "neigh", "replace", AfXdpPair.FAR, "lladdr", AfXdpPair.FAR_MAC, "dev", "n0", "nud", "permanent");
        sendFromKernel(7);
        final Burst partial = AfXdpPair.receive(pair.far, 1);
        assertThat(partial.isChecksumPartial(0)).as("the kernel's").isTrue();
        assertThat(partial.checksumStart(0)).isEqualTo(34);
        assertThat(partial.checksumOffset(0)).isEqualTo(6);
        pair.farFrames.release(partial.offset(0));
    }

    @Test
    void shouldLeaveTaggedFramesToTheKernel() {
        pair.far.poll(new Burst());
        final byte[] ours = datagram(2, 10);
        assertThat(pair.send(tagged(datagram(1, 10)), ours)).isTrue();
        assertThat(AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1))).containsExactly(ours);
    }

    private static byte[] tagged(final byte[] frame) {
        return ByteBuffer.allocate(frame.length + 4).put(frame, 0, 12).putInt(0x8100_0005).put(frame, 12, frame.length - 12).array();
    }

    @Test
    void shouldLeaveFramesForAnotherHostToTheKernel() {
        pair.far.poll(new Burst());
        final RawPacket other = new RawPacket(AfXdpPair.NEAR_MAC, AfXdpPair.NEAR, "02:00:00:00:00:cc", AfXdpPair.FAR);
        final byte[] ours = datagram(2, 10);
        assertThat(pair.send(HexFormat.of().parseHex(other.frame(RawPacket.UDP, other.datagram(1, 10))), ours)).isTrue();
        assertThat(AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1))).containsExactly(ours);
    }

    @Test
    void shouldGoOnReceivingWhenFramesWereExhaustedForAWhile() {
        pair.far.close();
        final Frames few = AfXdpPair.frames(AfXdpPair.SPARE + 10);
        try (AfXdpPort port = pair.farHost.call(() -> AfXdpPort.open("f0", 0, few, new Umem(few.arena(), 64), pair.farSteering,
            LaneShare.ALL))) {
            port.poll(new Burst());
            final List<byte[]> seen = new ArrayList<>();
            for (int round = 1; round <= 5; round++) {
                final byte[] frame = datagram(round, 64);
                final byte[][] sent = IntStream.range(0, 30).mapToObj(i -> frame).toArray(byte[][]::new);
                assertThat(pair.send(sent)).isTrue();
                final Burst burst = AfXdpPair.receive(port, 10);
                assertThat(burst.size()).isEqualTo(10);
                assertThat(few.receive().available()).isZero();
                seen.addAll(AfXdpPair.bytes(few, burst));
                port.poll(new Burst());
            }
            assertThat(seen).hasSize(50);
            pair.farHost.call(() -> {
                port.checkLink();
                return null;
            });
            assertThat(port.receiveFailures()).isEqualTo(100);
        }
        assertThat(few.receive().available()).isEqualTo(10);
    }

    @Test
    void shouldReturnEveryFrameWhenClosed() {
        pair.far.poll(new Burst());
        pair.send(datagram(1, 64), datagram(2, 64));
        AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1));
        pair.near.poll(new Burst());
        assertThat(pair.farFrames.receive().available()).isLessThan(ALL);
        pair.near.close();
        pair.far.close();
        assertThat(pair.nearFrames.receive().available()).isEqualTo(ALL);
        assertThat(pair.farFrames.receive().available()).isEqualTo(ALL);
    }

    @Test
    void shouldReturnEveryFrameWhenClosedAfterItsInterfaceWentAway() {
        pair.far.poll(new Burst());
        pair.farHost.exec("ip", "link", "del", "f0");
        pair.checkFar();
        assertThat(pair.far.isUp()).isFalse();
        pair.far.close();
        assertThat(pair.farFrames.receive().available()).isEqualTo(ALL);
    }

    @Test
    void shouldAllocateNothing() {
        final Burst out = new Burst();
        final Burst in = new Burst();
        final byte[] frame = datagram(1, 200);
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
        pair.far.poll(new Burst());
        pair.farHost.exec("ip", "link", "set", "f0", "down");
        pair.awaitFar(false);
        AfXdpPair.send(pair.far, pair.farFrames, AfXdpPair.answer(1));
        assertThat(pair.far.transmitFailures()).isEqualTo(1);

        pair.farHost.exec("ip", "link", "set", "f0", "up");
        pair.awaitFar(true);
        assertTraffic(2);
    }

    @Test
    void shouldMoveToANewInterfaceOfTheSameName() {
        final int descriptor = pair.far.fileDescriptor();
        pair.far.poll(new Burst());
        pair.farHost.exec("ip", "link", "del", "f0");
        pair.awaitFar(false);
        AfXdpPair.send(pair.far, pair.farFrames, AfXdpPair.answer(1));
        assertThat(pair.far.transmitFailures()).isEqualTo(1);

        pair.connect(2);
        pair.awaitFar(true);
        awaitNear();
        assertThat(pair.far.fileDescriptor()).isEqualTo(descriptor);
        assertThat(pair.far.detail()).isEqualTo("native mode, copy, 2 queues");
        assertTraffic(3);
    }

    @Test
    void shouldNoticeAnInterfaceThatWasReplacedBetweenTwoChecks() {
        for (int round = 1; round <= 3; round++) {
            pair.far.poll(new Burst());
            pair.send(datagram(99, 10));
            pair.farHost.exec("ip", "link", "del", "f0");
            pair.connect(1);
            awaitNear();
            pair.awaitFar(true);
            assertTraffic(4 + round);
        }
        pair.near.close();
        pair.far.close();
        assertThat(pair.nearFrames.receive().available()).isEqualTo(ALL);
        assertThat(pair.farFrames.receive().available()).isEqualTo(ALL);
    }

    /** A receiving and a sending thread, as in a lane with dedicated threads, while the interface is made anew under them. */
    @Test
    @Timeout(60)
    void shouldLoseNoFrameWhenReplacedUnderTwoPacketThreads() throws InterruptedException {
        final AtomicBoolean stopped = new AtomicBoolean();
        final ArrayBlockingQueue<Burst> received = new ArrayBlockingQueue<>(16);
        final AtomicLong echoed = new AtomicLong();
        final Thread receiving = Thread.ofPlatform().start(() -> receiveUntil(stopped, received));
        final Thread sending = Thread.ofPlatform().start(() -> sendUntil(receiving, received, echoed));
        for (int round = 1; round <= 5; round++) {
            final long before = echoed.get();
            awaitNear();
            Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
                pair.checkFar();
                return pair.far.isUp();
            });
            Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
                AfXdpPair.turn(pair.near, pair.nearFrames);
                pair.send(datagram(1, 100), datagram(2, 100));
                return echoed.get() > before + 50;
            });
            pair.farHost.exec("ip", "link", "del", "f0");
            pair.connect(1);
        }
        stopped.set(true);
        receiving.join();
        sending.join();
        pair.far.close();
        assertThat(pair.farFrames.receive().available()).isEqualTo(ALL);
    }

    private void receiveUntil(final AtomicBoolean stopped, final ArrayBlockingQueue<Burst> received) {
        while (!stopped.get()) {
            final Burst burst = new Burst();
            pair.far.poll(burst);
            while (!received.offer(burst)) {
                Thread.onSpinWait();
            }
        }
    }

    private void sendUntil(final Thread receiving, final ArrayBlockingQueue<Burst> received, final AtomicLong echoed) {
        while (receiving.isAlive() || !received.isEmpty()) {
            final Burst burst = received.poll();
            for (int i = 0; burst != null && i < burst.size(); i++) {
                pair.far.transmit(burst, i);
                echoed.getAndIncrement();
            }
            pair.far.flush();
        }
    }

    @Test
    void shouldFollowAChangeOfTheNumberOfQueues() {
        pair.farHost.exec("ip", "link", "del", "f0");
        pair.connect(4);
        pair.nearHost.exec("ethtool", "-L", "n0", "rx", "1", "tx", "1");
        pair.farHost.exec("ethtool", "-L", "f0", "rx", "1", "tx", "1");
        awaitNear();
        pair.awaitFar(true);
        assertThat(pair.far.detail()).contains("1 queue");
        pair.farHost.exec("ethtool", "-L", "f0", "rx", "4");
        pair.awaitFar(true);
        assertThat(pair.far.detail()).contains("4 queues");
        assertTraffic(5);
    }

    @Test
    void shouldFollowAChangeOfTheHardwareAddress() {
        pair.far.poll(new Burst());
        pair.farHost.exec("ip", "link", "set", "f0", "address", "02:00:00:00:00:dd");
        pair.checkFar();
        final RawPacket packet = new RawPacket(AfXdpPair.NEAR_MAC, AfXdpPair.NEAR, "02:00:00:00:00:dd", AfXdpPair.FAR);
        final byte[] ours = HexFormat.of().parseHex(packet.frame(RawPacket.UDP, packet.datagram(1, 10)));
        assertThat(pair.send(datagram(2, 10), ours)).isTrue();
        assertThat(AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1))).containsExactly(ours);
    }

    @Test
    @Timeout(30)
    void shouldEndAWaitWhenAFrameArrivesAndNotSpinOnADeadInterface() {
        try (PortPoller poller = new PortPoller(List.of(pair.near, pair.far))) {
            pair.near.poll(new Burst());
            pair.far.poll(new Burst());
            assertThat(poller.await(0)).isZero();
            pair.send(datagram(1, 64));
            assertThat(poller.await(Long.MAX_VALUE)).isEqualTo(1);
            AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1));

            pair.farHost.exec("ip", "link", "del", "f0");
            assertThat(poller.await(1)).isZero();
            pair.awaitFar(false);
            assertThat(poller.await(1)).isZero();
        }
    }

    private void sendFromKernel(final int port) throws IOException {
        try (DatagramSocket socket = pair.nearHost.call(() -> new DatagramSocket())) {
            socket.send(new DatagramPacket(new byte[] {1, 2, 3, 4}, 4, AfXdpPair.address(AfXdpPair.FAR), port));
        }
    }

    private void awaitAllFree() {
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            pair.near.flush();
            return pair.nearFrames.receive().available() == ALL;
        });
    }

    private void awaitNear() {
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            AfXdpPair.turn(pair.near, pair.nearFrames);
            pair.checkNear();
            return pair.near.isUp();
        });
    }

    private void assertTraffic(final int number) {
        pair.near.poll(new Burst());
        pair.far.poll(new Burst());
        final byte[] frame = datagram(number, 64);
        assertThat(pair.send(frame)).isTrue();
        assertThat(AfXdpPair.bytes(pair.farFrames, AfXdpPair.receive(pair.far, 1))).contains(frame);
        final byte[] answer = AfXdpPair.answer(number);
        assertThat(AfXdpPair.send(pair.far, pair.farFrames, answer)).isTrue();
        assertThat(AfXdpPair.bytes(pair.nearFrames, AfXdpPair.receive(pair.near, 1))).contains(answer);
    }
}
