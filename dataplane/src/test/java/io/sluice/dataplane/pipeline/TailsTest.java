package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.pipeline.Tails.Side;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TailsTest {
    private static final int CLIENT_ISN = 0xffff_f000;
    private static final int SERVER_ISN = 0x7fff_f000;

    private final MemorySegment records = MemorySegment.ofArray(new long[ConnectionTable.STRIDE / Long.BYTES]);
    private final Tails tails = new Tails(records);

    /** What one end sends: data, or an acknowledgment without any. */
    private record Segment(Side from, int sequence, int length, int acknowledgment, int window) {
        Packet packet(final int flags, final int scale) {
            final Packet packet = new Packet();
            final byte[] header = new byte[scale < 0 ? Tcp.LENGTH : Tcp.LENGTH + 4];
            packet.memory = MemorySegment.ofArray(header);
            Tcp.write(packet.memory, 0, 1, 2, sequence, acknowledgment, flags, window);
            if (scale >= 0) {
                System.arraycopy(new byte[] {3, 3, (byte) scale, 0}, 0, header, Tcp.LENGTH, 4);
            }
            packet.protocol = Ipv4.TCP;
            packet.payload = header.length;
            packet.end = header.length + length;
            packet.flags = flags;
            packet.sequence = sequence;
            packet.acknowledgment = acknowledgment;
            return packet;
        }
    }

    private void open(final int clientScale, final int serverScale) {
        records.fill((byte) 0);
        tails.synSent(0, new Segment(Side.CLIENT, CLIENT_ISN, 0, 0, 64_000).packet(Tcp.SYN, clientScale));
        ConnectionRecord.i32(records, 0, ConnectionRecord.SERVER_ISN_OFFSET, SERVER_ISN);
        tails.synReceived(0, new Segment(Side.SERVER, SERVER_ISN, 0, CLIENT_ISN + 1, 64_000).packet(Tcp.SYN | Tcp.ACK, serverScale),
            CLIENT_ISN + 1, true);
    }

    /** One end that keeps to the rules: it sends into the window it was given, and never takes back a window it gave. */
    private static final class End {
        private final Side side;
        private final Random random;
        private final int scale;
        private final List<int[]> later = new ArrayList<>();
        private int sent;
        private int acknowledged;
        private int mayUpTo;
        private int expected;
        private int offered;
        private int passedAcknowledgment;
        private int largestWindow = 0xffff;

        End(final Side side, final int isn, final int peerIsn, final int scale, final Random random) {
            this.side = side;
            this.random = random;
            this.scale = scale;
            sent = isn + 1;
            acknowledged = sent;
            mayUpTo = sent + 64_000;
            expected = peerIsn + 1;
            offered = expected + 64_000;
            passedAcknowledgment = expected;
        }

        /** Whether an acknowledgment is not so old that nobody takes its segment (RFC 5961, 5.2). */
        boolean isFresh(final Segment segment) {
            final boolean fresh = segment.acknowledgment - passedAcknowledgment >= -largestWindow;
            if (segment.acknowledgment - passedAcknowledgment > 0) {
                passedAcknowledgment = segment.acknowledgment;
            }
            largestWindow = Math.max(largestWindow, segment.window << scale);
            return fresh;
        }

        Segment speak() {
            final int from = random.nextInt(4) == 0 ? acknowledged : sent;
            final int length = random.nextInt(3) == 0 ? 0 : Math.min(1 + random.nextInt(0xffff - 40), mayUpTo - from);
            sent = from + length - sent > 0 ? from + length : sent;
            final int window = Math.max(random.nextInt(0x1_0000), offered - expected + (1 << scale) - 1 >> scale);
            offered = expected + (Math.min(window, 0xffff) << scale);
            return new Segment(side, length == 0 ? sent : from, length, expected, Math.min(window, 0xffff));
        }

        boolean takes(final Segment segment) {
            return segment.sequence + segment.length - expected >= 0 && segment.sequence - offered <= 0;
        }

        void hear(final Segment segment, final int peerScale) {
            if (!takes(segment)) {
                return;
            }
            later.add(new int[] {segment.sequence, segment.sequence + segment.length});
            for (int i = 0; i < later.size(); i++) {
                final int[] piece = later.get(i);
                if (piece[0] - expected <= 0) {
                    expected = piece[1] - expected > 0 ? piece[1] : expected;
                    later.remove(i);
                    i = -1;
                }
            }
            acknowledged = segment.acknowledgment - acknowledged > 0 ? segment.acknowledgment : acknowledged;
            final int edge = segment.acknowledgment + (segment.window << peerScale);
            mayUpTo = edge - mayUpTo > 0 ? edge : mayUpTo;
        }
    }

    @Test
    void shouldBelieveEverythingThatTwoHonestEndsTake() {
        for (int seed = 1; seed <= 200; seed++) {
            final Random random = new Random(seed);
            final boolean scaled = random.nextBoolean();
            final int clientScale = scaled ? random.nextInt(15) : 0;
            final int serverScale = scaled ? random.nextInt(15) : 0;
            open(scaled ? clientScale : random.nextInt(2) - 1, scaled ? serverScale : -1);
            converse(seed, new End(Side.CLIENT, CLIENT_ISN, SERVER_ISN, clientScale, random),
                new End(Side.SERVER, SERVER_ISN, CLIENT_ISN, serverScale, random), random);
        }
    }

    private void converse(final int seed, final End client, final End server, final Random random) {
        final double loss = random.nextInt(3) * 0.1;
        final List<Segment> before = new ArrayList<>();
        final List<Segment> behind = new ArrayList<>();
        for (int step = 0; step < 3000; step++) {
            before.add((random.nextBoolean() ? client : server).speak());
            if (before.size() > 5) {
                final Segment segment = before.remove(random.nextInt(before.size()));
                if (random.nextDouble() >= loss) {
                    pass(seed, segment, segment.from == Side.CLIENT ? client : server, segment.from == Side.CLIENT ? server : client);
                    behind.add(segment);
                }
            }
            if (behind.size() > 5) {
                final Segment segment = behind.remove(random.nextInt(behind.size()));
                if (random.nextDouble() >= loss) {
                    final boolean fromClient = segment.from == Side.CLIENT;
                    (fromClient ? server : client).hear(segment, fromClient ? client.scale : server.scale);
                }
            }
        }
        assertThat(client.expected - SERVER_ISN).as("seed %s: something was said", seed).isGreaterThan(100_000);
    }

    private void pass(final int seed, final Segment segment, final End from, final End to) {
        final Packet packet = segment.packet(Tcp.ACK, -1);
        final boolean believed = tails.believes(0, segment.from, packet, segment.acknowledgment);
        if (from.isFresh(segment) && to.takes(segment)) {
            assertThat(believed).as("seed %s: %s to one that expects %s", seed, segment, to.expected).isTrue();
        }
        if (believed) {
            tails.take(0, segment.from, packet, segment.acknowledgment);
        }
    }

    @Test
    void shouldBelieveHardlyAnythingThatIsGuessed() {
        open(7, 7);
        final Random random = new Random(1);
        int believed = 0;
        int obeyed = 0;
        for (int i = 0; i < 1_000_000; i++) {
            final Segment segment = new Segment(random.nextBoolean() ? Side.CLIENT : Side.SERVER, random.nextInt(), random.nextInt(1400),
                random.nextInt(), random.nextInt(0x1_0000));
            believed += tails.believes(0, segment.from, segment.packet(Tcp.ACK, -1), segment.acknowledgment) ? 1 : 0;
            obeyed += tails.isObeyed(0, segment.from, segment.sequence) ? 1 : 0;
        }
        assertThat(believed).isZero();
        assertThat(obeyed).isZero();
    }

    @Test
    void shouldKnowThatWhatIsAcknowledgedHasBeenSent() {
        // The client's segment came in fragments, and only the first one told its length.
        open(-1, -1);
        final Packet first = new Segment(Side.CLIENT, CLIENT_ISN + 1, 500, SERVER_ISN + 1, 64_000).packet(Tcp.ACK, -1);
        tails.take(0, Side.CLIENT, first, SERVER_ISN + 1);
        final Packet answer = new Segment(Side.SERVER, SERVER_ISN + 1, 0, CLIENT_ISN + 1 + 4000, 64_000).packet(Tcp.ACK, -1);
        assertThat(tails.believes(0, Side.SERVER, answer, CLIENT_ISN + 1 + 4000)).isTrue();
        tails.take(0, Side.SERVER, answer, CLIENT_ISN + 1 + 4000);
        assertThat(tails.isAllAcknowledged(0)).isTrue();
        assertThat(tails.isObeyed(0, Side.CLIENT, CLIENT_ISN + 1 + 4000)).isTrue();
        assertThat(tails.isInFlight(0, Side.CLIENT, CLIENT_ISN + 1 + 3999)).isFalse();
    }
}
