package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.TestFrame;
import io.sluice.dataplane.port.Burst;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What hardware does with a frame that it is handed for transmission: cuts super-frames and completes checksums. It takes the
 * frame's word for where things are, as hardware would, so that a wrong word makes a broken packet.
 */
final class Offload {
    private static final int ETHERNET = 14;

    private Offload() {
    }

    /** The packets that come out. */
    static List<TestFrame> cut(final TestFrame frame) {
        if (!frame.isGso()) {
            final byte[] bytes = frame.bytes().clone();
            if (frame.isPartial()) {
                complete(bytes, frame);
            }
            return List.of(TestFrame.plain(bytes, frame.port()));
        }
        final boolean ipv4 = ByteBuffer.wrap(frame.bytes()).getShort(12) == 0x0800;
        if (!frame.isPartial() || frame.gsoType() != (ipv4 ? Burst.GSO_TCPV4 : Burst.GSO_TCPV6)) {
            throw new AssertionError("a super-frame that no hardware can cut: " + frame);
        }
        final int headers = frame.checksumStart() + (frame.bytes()[frame.checksumStart() + 12] >> 4 & 0xf) * 4;
        final List<TestFrame> packets = new ArrayList<>();
        for (int at = headers; at < frame.bytes().length; at += frame.gsoSize()) {
            packets.add(TestFrame.plain(piece(frame, ipv4, headers, at, packets.size()), frame.port()));
        }
        return packets;
    }

    private static byte[] piece(final TestFrame frame, final boolean ipv4, final int headers, final int at, final int number) {
        final byte[] whole = frame.bytes();
        final int end = Math.min(at + frame.gsoSize(), whole.length);
        final byte[] bytes = Arrays.copyOf(whole, headers + end - at);
        System.arraycopy(whole, at, bytes, headers, end - at);
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        final int tcp = frame.checksumStart();
        buffer.putInt(tcp + 4, buffer.getInt(tcp + 4) + at - headers);
        if (end < whole.length) {
            // FIN and PSH belong to the last one.
            buffer.put(tcp + 13, (byte) (buffer.get(tcp + 13) & ~9));
        }
        if (ipv4) {
            buffer.putShort(ETHERNET + 2, (short) (bytes.length - ETHERNET));
            buffer.putShort(ETHERNET + 4, (short) (buffer.getShort(ETHERNET + 4) + number));
            buffer.putShort(ETHERNET + 10, (short) 0);
            buffer.putShort(ETHERNET + 10, (short) ~sum(bytes, ETHERNET, tcp, 0));
        } else {
            buffer.putShort(ETHERNET + 4, (short) (bytes.length - ETHERNET - 40));
        }
        // The field holds the pseudo-header's sum for the whole length.
        final int field = tcp + frame.checksumOffset();
        final int shorter = sum(new byte[0], 0, 0, (~(whole.length - tcp) & 0xffff) + bytes.length - tcp);
        buffer.putShort(field, (short) sum(new byte[0], 0, 0, (buffer.getShort(field) & 0xffff) + shorter));
        complete(bytes, frame);
        return bytes;
    }

    private static void complete(final byte[] bytes, final TestFrame frame) {
        final int sum = ~sum(bytes, frame.checksumStart(), bytes.length, 0) & 0xffff;
        ByteBuffer.wrap(bytes).putShort(frame.checksumStart() + frame.checksumOffset(), (short) (sum == 0 ? 0xffff : sum));
    }

    static int sum(final byte[] bytes, final int from, final int to, final int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xff) << ((i - from & 1) == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
