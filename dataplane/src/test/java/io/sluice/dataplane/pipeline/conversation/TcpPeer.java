package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import io.sluice.dataplane.pipeline.Options;
import io.sluice.dataplane.pipeline.Packets;
import io.sluice.dataplane.pipeline.TcpPacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One end of a TCP connection, after RFC 9293 with selective acknowledgments, timestamps and the strict checks of RFC 5961:
 * as much of TCP as it takes to be found out by, if the path breaks something.
 */
final class TcpPeer {
    /** States, as far as they differ here. */
    enum State { SYN_SENT, SYN_RECEIVED, OPEN, TIME_WAIT, CLOSED, RESET, GAVE_UP }

    /** Who carries its segments, and is told of what happens. */
    interface Outlet {
        long nowNs();

        void send(TcpPacket segment);

        /** Have {@link TcpPeer#tick} called at a time. */
        void wakeAt(long ns);

        void changed(TcpPeer peer, Decoded by);
    }

    private static final long SECOND = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    /** Longest silence of a peer that waits for an acknowledgment: well below the path's idle timeouts, which are a contract. */
    private static final long LONGEST_RESEND_NS = 3 * SECOND;
    private static final int ATTEMPTS = 30;
    private static final long KEEP_ALIVE_NS = 45 * SECOND;
    private static final int PROBES = 5;

    private final Endpoint local;
    private final Endpoint remote;
    private final Manner manner;
    private final Outlet outlet;
    private final Random random;
    private final int isn;
    private final SendStream out;
    private final ReceiveStream in;
    private State state;
    private int peerIsn;
    private int peerMss = 536;
    private int peerWindow;
    private boolean selective;
    private boolean timestamps;
    private int peerTimestamp;
    private long resendAtNs = NEVER;
    private long acknowledgeAtNs = NEVER;
    private long forgetAtNs = NEVER;
    private long probeAtNs = NEVER;
    private int attempts;
    private int probes;
    private final int synWindow;

    TcpPeer(final Endpoint local, final Endpoint remote, final Manner manner, final byte[] says, final Random random, final int isn,
            final int synWindow, final Outlet outlet) {
        this.local = local;
        this.remote = remote;
        this.manner = manner;
        this.outlet = outlet;
        this.random = random;
        this.isn = isn;
        this.synWindow = synWindow;
        this.out = new SendStream(says, manner.finWithData());
        this.in = new ReceiveStream(manner.window());
    }

    State state() {
        return state;
    }

    SendStream out() {
        return out;
    }

    ReceiveStream in() {
        return in;
    }

    /** Whether everything was said, heard and acknowledged. */
    boolean isDone() {
        return state == State.TIME_WAIT || state == State.CLOSED;
    }

    /** Sends a SYN. */
    void connect() {
        state = State.SYN_SENT;
        sendSyn();
    }

    /** Takes a SYN, and answers. */
    void accept(final Decoded syn) {
        state = State.SYN_RECEIVED;
        takeSyn(syn);
        sendSyn();
    }

    private void takeSyn(final Decoded syn) {
        peerIsn = syn.sequence;
        peerWindow = syn.window;
        final byte[] mss = syn.option(2);
        peerMss = mss == null ? 536 : ByteBuffer.wrap(mss).getShort() & 0xffff;
        selective = manner.selective() && syn.option(4) != null;
        timestamps = manner.timestamps() && syn.option(8) != null;
        takeTimestamp(syn);
    }

    private void takeTimestamp(final Decoded segment) {
        final byte[] option = segment.option(8);
        if (option != null && timestamps) {
            peerTimestamp = ByteBuffer.wrap(option).getInt();
        }
    }

    private void sendSyn() {
        final boolean active = state == State.SYN_SENT;
        final List<byte[]> options = new ArrayList<>();
        options.add(Options.mss(manner.mss()));
        if (active ? manner.selective() : selective) {
            options.add(Options.SACK_PERMITTED);
        }
        if (active ? manner.timestamps() : timestamps) {
            options.add(Options.timestamps(timestamp(), peerTimestamp));
        }
        final TcpPacket syn = Packets.tcp(local, remote).flags(active ? TcpPacket.SYN : TcpPacket.SYN | TcpPacket.ACK).sequence(isn)
            .window(active ? synWindow : manner.window()).options(options.toArray(byte[][]::new));
        outlet.send(active ? syn : syn.acknowledgment(peerIsn + 1));
        resendAfter(SECOND << Math.min(attempts, 5));
    }

    /** Asks a silent peer whether it is still there (RFC 9293, 3.8.4). */
    private void probe() {
        if (++probes > PROBES) {
            end(State.GAVE_UP, null);
            return;
        }
        outlet.send(segment(TcpPacket.ACK, out.sent() - 1, options()));
        probeAtNs = outlet.nowNs() + KEEP_ALIVE_NS;
        outlet.wakeAt(probeAtNs);
    }

    private void hear() {
        probes = 0;
        if (state == State.OPEN && manner.keepAlive()) {
            probeAtNs = outlet.nowNs() + KEEP_ALIVE_NS;
            outlet.wakeAt(probeAtNs);
        }
    }

    private void resendAfter(final long ns) {
        resendAtNs = outlet.nowNs() + ns;
        outlet.wakeAt(resendAtNs);
    }

    private int timestamp() {
        return (int) (outlet.nowNs() / 1_000_000);
    }

    /** Does what is due. */
    void tick() {
        if (outlet.nowNs() >= forgetAtNs) {
            end(State.CLOSED, null);
        }
        if (outlet.nowNs() >= acknowledgeAtNs) {
            sendAcknowledgment();
        }
        if (outlet.nowNs() >= probeAtNs) {
            probe();
        }
        if (outlet.nowNs() >= resendAtNs) {
            if (++attempts > ATTEMPTS) {
                end(State.GAVE_UP, null);
            } else if (state == State.OPEN) {
                out.timeout();
                resendAtNs = NEVER;
                pump();
            } else {
                sendSyn();
            }
        }
    }

    /** Sends what may be sent now. */
    void pump() {
        if (state != State.OPEN) {
            return;
        }
        SendStream.Piece piece;
        do {
            final byte[] options = options();
            final int segment = Math.min(peerMss, manner.mss()) - options.length;
            final int longest = random.nextDouble() < manner.offload() ? segment * (2 + random.nextInt(8)) : segment;
            piece = out.next(longest, peerWindow);
            if (piece != null) {
                send(piece, options, segment);
            }
        } while (piece != null);
        if (out.isWaitingForAcknowledgment() && resendAtNs == NEVER) {
            resendAfter(Math.min(SECOND / 5 << Math.min(attempts, 8), LONGEST_RESEND_NS));
        }
    }

    private void send(final SendStream.Piece piece, final byte[] options, final int segment) {
        final int flags = TcpPacket.ACK | (piece.fin() ? TcpPacket.FIN : 0) | (piece.data().length > 0 ? TcpPacket.PSH : 0);
        final TcpPacket packet = segment(flags, piece.offset(), options).payload(piece.data());
        if (piece.data().length > segment) {
            packet.gso(segment);
        }
        outlet.send(packet);
        acknowledgeAtNs = NEVER;
    }

    private TcpPacket segment(final int flags, final int offset, final byte[] options) {
        final TcpPacket packet = Packets.tcp(local, remote).flags(flags).sequence(isn + 1 + offset)
            .acknowledgment(peerIsn + 1 + in.next()).window(manner.window()).options(options);
        return manner.offload() > 0 && random.nextBoolean() ? packet.partialChecksum() : packet;
    }

    private byte[] options() {
        final ByteBuffer options = ByteBuffer.allocate(40);
        if (timestamps) {
            options.put(new byte[] {1, 1}).put(Options.timestamps(timestamp(), peerTimestamp));
        }
        final int[] blocks = selective ? in.blocks(timestamps ? 3 : 4) : new int[0];
        if (blocks.length > 0) {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] += peerIsn + 1;
            }
            options.put(new byte[] {1, 1}).put(Options.sack(blocks));
        }
        return Arrays.copyOf(options.array(), options.position());
    }

    private void sendAcknowledgment() {
        acknowledgeAtNs = NEVER;
        outlet.send(segment(TcpPacket.ACK, Math.max(out.sent(), 0), options()));
    }

    /** Breaks the connection off. */
    void abort() {
        outlet.send(segment(TcpPacket.RST | TcpPacket.ACK, out.sent(), new byte[0]));
        end(State.RESET, null);
    }

    /** Takes a segment of the peer. */
    void receive(final Decoded segment) {
        if (state == State.SYN_SENT) {
            receiveInSynSent(segment);
            return;
        }
        hear();
        final int offset = segment.sequence - (peerIsn + 1);
        final boolean fin = (segment.flags & TcpPacket.FIN) != 0;
        if ((segment.flags & TcpPacket.RST) != 0) {
            receiveReset(segment, offset);
        } else if (!in.isAcceptable(offset, segment.payload.length + (fin ? 1 : 0))) {
            answerUnacceptable(segment);
        } else if ((segment.flags & TcpPacket.SYN) != 0) {
            sendAcknowledgment();
        } else if ((segment.flags & TcpPacket.ACK) != 0 && isOpenAfter(segment)) {
            receiveInOpen(segment, offset, fin);
        }
    }

    private void answerUnacceptable(final Decoded segment) {
        final boolean sameSyn = (segment.flags & TcpPacket.SYN) != 0 && segment.sequence == peerIsn;
        if (state == State.SYN_RECEIVED && sameSyn) {
            sendSyn();
        } else {
            sendAcknowledgment();
        }
    }

    private void receiveInSynSent(final Decoded segment) {
        final boolean acked = (segment.flags & TcpPacket.ACK) != 0;
        if (acked && segment.acknowledgment != isn + 1) {
            if ((segment.flags & TcpPacket.RST) == 0) {
                outlet.send(Packets.tcp(local, remote).flags(TcpPacket.RST).sequence(segment.acknowledgment));
            }
        } else if ((segment.flags & TcpPacket.RST) != 0) {
            if (acked) {
                end(State.RESET, segment);
            }
        } else if (acked && (segment.flags & TcpPacket.SYN) != 0) {
            takeSyn(segment);
            open(segment);
            sendAcknowledgment();
            pump();
        }
    }

    private void receiveReset(final Decoded segment, final int offset) {
        if (offset == in.next()) {
            end(State.RESET, segment);
        } else if (in.isAcceptable(offset, 0)) {
            sendAcknowledgment();
        }
    }

    private boolean isOpenAfter(final Decoded segment) {
        final int acknowledged = segment.acknowledgment - (isn + 1);
        if (acknowledged < 0 || acknowledged > out.sent()) {
            if (state == State.SYN_RECEIVED) {
                outlet.send(Packets.tcp(local, remote).flags(TcpPacket.RST).sequence(segment.acknowledgment));
            } else if (acknowledged > 0) {
                sendAcknowledgment();
            }
            return acknowledged < 0 && state != State.SYN_RECEIVED;
        }
        if (state == State.SYN_RECEIVED) {
            open(segment);
        }
        return true;
    }

    private void open(final Decoded by) {
        state = State.OPEN;
        attempts = 0;
        resendAtNs = NEVER;
        hear();
        outlet.changed(this, by);
    }

    private void receiveInOpen(final Decoded segment, final int offset, final boolean fin) {
        takeTimestamp(segment);
        peerWindow = segment.window;
        takeAcknowledgment(segment, fin);
        final boolean heardAll = in.isFinished();
        final int expected = in.next();
        if (segment.payload.length > 0 || fin) {
            in.accept(offset, segment.payload, fin);
            final boolean inOrder = offset <= expected && in.blocks(1).length == 0;
            if (inOrder && !fin && random.nextDouble() < manner.delayedAck()) {
                acknowledgeAtNs = Math.min(acknowledgeAtNs, outlet.nowNs() + SECOND / 25);
                outlet.wakeAt(acknowledgeAtNs);
            } else {
                sendAcknowledgment();
            }
        }
        pump();
        if (state == State.OPEN && in.isFinished() && out.isAllAcknowledged()) {
            finish(!heardAll);
        }
    }

    private void takeAcknowledgment(final Decoded segment, final boolean fin) {
        if (out.acknowledge(segment.acknowledgment - (isn + 1), segment.payload.length == 0 && !fin)) {
            attempts = 0;
            resendAtNs = NEVER;
        }
        final byte[] blocks = segment.option(5);
        if (blocks != null) {
            final ByteBuffer edges = ByteBuffer.wrap(blocks);
            while (edges.remaining() >= 8) {
                out.acknowledgeBlock(edges.getInt() - (isn + 1), edges.getInt() - (isn + 1));
            }
        }
    }

    /** Whoever hears the other's FIN last has to wait, lest his last acknowledgment is lost. */
    private void finish(final boolean heardFinLast) {
        if (heardFinLast) {
            state = State.TIME_WAIT;
            resendAtNs = NEVER;
            probeAtNs = NEVER;
            forgetAtNs = outlet.nowNs() + 60 * SECOND;
            outlet.wakeAt(forgetAtNs);
            outlet.changed(this, null);
        } else {
            end(State.CLOSED, null);
        }
    }

    /** Whether a SYN may take the place of this connection: RFC 9293, 3.10.7.4 for TIME-WAIT. */
    boolean makesWayFor(final Decoded syn) {
        return state == State.CLOSED || state == State.RESET || state == State.GAVE_UP
            || state == State.TIME_WAIT && syn.sequence - (peerIsn + 1 + in.next()) >= 0;
    }

    private void end(final State last, final Decoded by) {
        state = last;
        resendAtNs = NEVER;
        acknowledgeAtNs = NEVER;
        forgetAtNs = NEVER;
        probeAtNs = NEVER;
        outlet.changed(this, by);
    }
}
