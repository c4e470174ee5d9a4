package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;
import java.util.Arrays;
import java.util.List;

/**
 * Whatever bytes, described however: the path never throws, never reads or writes outside the frame, and all its tables go on
 * agreeing with each other.
 *
 * <p>Two paths get the same frames. Their memory differs in every byte that is not of the frame, so one that reads outside
 * decides or sends something else than the other; and after each turn these bytes must be what they were.
 */
final class FrameFuzz implements AutoCloseable {
    private static final int ETHERNET = 14;

    private final PathHarness one;
    private final PathHarness other;
    private final FrameGuard guardOne;
    private final FrameGuard guardOther;

    FrameFuzz() {
        final PathSizes sizes = PathSizes.DEFAULT.connections(64).receiveFrames(1).spareFrames(4);
        one = PathHarness.of(PacketCase.everything(), sizes);
        other = PathHarness.of(PacketCase.everything(), sizes);
        guardOne = new FrameGuard(one, (byte) 0xa5);
        guardOther = new FrameGuard(other, (byte) 0x5a);
    }

    /** The path that conversations are prepared on; whatever is done to it has to be done to the other one too. */
    List<PathHarness> both() {
        return List.of(one, other);
    }

    /**
     * Sends a frame through both paths.
     *
     * @param frame any bytes with any description
     * @throws AssertionError if something was read or written that must not be
     */
    void send(final TestFrame frame) {
        guardOne.set();
        guardOther.set();
        final PathResult first = one.send(frame);
        final PathResult second = other.send(frame);
        guardOne.check(frame.bytes().length, first.made());
        guardOther.check(frame.bytes().length, second.made());
        expectSame(first, second);
        if (first.isPassed() && !Arrays.equals(first.frame().bytes(), frame.bytes())) {
            throw new AssertionError("changed a frame that is left to the kernel: " + first);
        }
        one.checkConsistency();
        other.checkConsistency();
    }

    private static void expectSame(final PathResult first, final PathResult second) {
        if (first.verdict() != second.verdict() || first.reason() != second.reason() || !first.frame().equals(second.frame())
            || !first.made().equals(second.made())) {
            throw new AssertionError("what is outside the frame made a difference: " + first + " and " + second);
        }
    }

    /** Lets time pass on both. */
    void advanceSeconds(final int seconds) {
        one.advanceSeconds(seconds);
        other.advanceSeconds(seconds);
    }

    /** Gives an IPv4 header a right checksum, so that what is behind it is looked at. */
    static byte[] repaired(final byte[] bytes) {
        final int header = bytes.length > ETHERNET ? (bytes[ETHERNET] & 0xf) * 4 : 0;
        if (header >= 20 && bytes.length >= ETHERNET + header && bytes[12] == 8 && bytes[13] == 0) {
            bytes[24] = 0;
            bytes[25] = 0;
            final int sum = Sums.complement(Sums.sum(bytes, ETHERNET, ETHERNET + header));
            bytes[24] = (byte) (sum >> 8);
            bytes[25] = (byte) sum;
        }
        return bytes;
    }

    /**
     * A frame out of fuzzer's bytes: eight bytes of description, then the frame.
     *
     * <pre>
     *    0 flags: 1 partial checksum, 2 GSO, 4 VLAN tag taken off, 8 another host's, 16 by the back, 32 right IPv4 header checksum
     *    1 GSO type    2 GSO size (2 bytes)    4 checksum start (2 bytes)    6 checksum offset (2 bytes)
     * </pre>
     */
    static TestFrame described(final byte[] input) {
        if (input.length < 8) {
            return TestFrame.plain(input, TestNet.FRONT);
        }
        final int flags = input[0];
        final boolean partial = (flags & 1) != 0;
        final boolean gso = (flags & 2) != 0;
        final byte[] bytes = Arrays.copyOfRange(input, 8, input.length);
        return new TestFrame((flags & 32) != 0 ? repaired(bytes) : bytes, (flags & 16) != 0 ? TestNet.BACK : TestNet.FRONT,
            gso ? input[1] : Burst.GSO_NONE, gso ? u16(input, 2) : 0, partial ? u16(input, 4) : TestFrame.COMPLETE,
            partial ? u16(input, 6) : 0, (flags & 4) != 0, (flags & 8) != 0);
    }

    /** The way back: what {@link #described} makes this frame of. */
    static byte[] input(final TestFrame frame) {
        final byte[] input = new byte[8 + frame.bytes().length];
        input[0] = (byte) ((frame.isPartial() ? 1 : 0) | (frame.isGso() ? 2 : 0) | (frame.vlanStripped() ? 4 : 0)
            | (frame.otherHost() ? 8 : 0) | (frame.port() == TestNet.BACK ? 16 : 0) | 32);
        input[1] = frame.gsoType();
        input[2] = (byte) (frame.gsoSize() >> 8);
        input[3] = (byte) frame.gsoSize();
        input[4] = (byte) (frame.checksumStart() >> 8);
        input[5] = (byte) frame.checksumStart();
        input[6] = (byte) (frame.checksumOffset() >> 8);
        input[7] = (byte) frame.checksumOffset();
        System.arraycopy(frame.bytes(), 0, input, 8, frame.bytes().length);
        return input;
    }

    private static int u16(final byte[] bytes, final int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    @Override
    public void close() {
        one.close();
        other.close();
    }
}
