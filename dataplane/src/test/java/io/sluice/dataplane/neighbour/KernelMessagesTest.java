package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.NetlinkRequest;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages written by {@link NetlinkRequest}, read back; cut and damaged ones must do no harm. */
class KernelMessagesTest {
    private static final int RTN_UNICAST = 1;

    @Test
    void shouldReadALink() {
        final byte[] bytes = link();
        assertThat(Link.parse(first(bytes))).isEqualTo(new Link(7, "eth0", true, 1400, 0x0200_0000_0102L));
    }

    @Test
    void shouldReadANeighbour() {
        assertThat(Neighbour.parse(first(neighbour())))
            .isEqualTo(new Neighbour(new Neighbour.Hop(7, 0xfd01L << 48, 2), Neighbour.NUD_STALE, 0x0200_0000_0102L));
    }

    @Test
    void shouldReadARouteWithSeveralNextHops() {
        final Route route = Route.parse(first(multipath()));
        assertThat(route.prefix()).isEqualTo(Cidr.of(address("198.51.100.0"), 24));
        assertThat(route.priority()).isEqualTo(100);
        assertThat(route.mtu()).isEqualTo(1300);
        assertThat(route.nextHops()).containsExactly(
            new NextHop(7, false, 0, Address.low(address("10.1.0.2")), 3, false),
            new NextHop(8, false, 0xfd02L << 48, 2, 1, true),
            new NextHop(9, true, 0, 0, 1, false));
    }

    @Test
    void shouldReadAnAddress() {
        final byte[] bytes = bytes(new NetlinkRequest(Rtnetlink.RTM_NEWADDR, 0).u8(Rtnetlink.AF_INET).u8(24).u8(0).u8(0).u32(7)
            .attribute(Rtnetlink.IFA_LOCAL, address("10.1.0.1")).attribute(Rtnetlink.IFA_ADDRESS, address("10.1.0.255")));
        assertThat(KernelAddress.parse(first(bytes)))
            .isEqualTo(new KernelAddress(7, 0, Address.low(address("10.1.0.1")), Cidr.of(address("10.1.0.0"), 24)));
    }

    @Test
    void shouldReadNothingFromWhatIsCut() {
        for (final byte[] whole : List.of(link(), neighbour(), multipath())) {
            for (int length = 0; length < whole.length; length++) {
                final NetlinkMessages messages = new NetlinkMessages();
                assertThat(messages.over(MemorySegment.ofArray(Arrays.copyOf(whole, length)), whole.length).next()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldNeverThrowNorReadPastTheEnd(final long seed) {
        final Random random = new Random(seed);
        final List<byte[]> whole = List.of(link(), neighbour(), multipath());
        for (int i = 0; i < 50_000; i++) {
            final byte[] bytes = whole.get(random.nextInt(whole.size())).clone();
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            final byte[] exact = random.nextInt(4) == 0 ? random(random) : bytes;
            assertThatCode(() -> readAll(exact)).as("seed %d, round %d: %s", seed, i, Arrays.toString(exact)).doesNotThrowAnyException();
        }
    }

    private static byte[] random(final Random random) {
        final byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The segment is as long as the bytes, so reading past the end throws. */
    private static void readAll(final byte[] bytes) {
        final NetlinkMessages messages = new NetlinkMessages().over(MemorySegment.ofArray(bytes), bytes.length);
        while (messages.next()) {
            Link.parse(messages);
            Neighbour.parse(messages);
            Route.parse(messages);
            KernelAddress.parse(messages);
        }
    }

    private static NetlinkMessages first(final byte[] bytes) {
        final NetlinkMessages messages = new NetlinkMessages().over(MemorySegment.ofArray(bytes), bytes.length);
        assertThat(messages.next()).isTrue();
        return messages;
    }

    private static byte[] link() {
        return bytes(new NetlinkRequest(Rtnetlink.RTM_NEWLINK, 0).u32(0).u32(7).u32(Rtnetlink.IFF_UP | Rtnetlink.IFF_RUNNING).u32(0)
            .attribute(Rtnetlink.IFLA_IFNAME, "eth0").attribute(Rtnetlink.IFLA_MTU, 1400)
            .attribute(Rtnetlink.IFLA_ADDRESS, new byte[] {2, 0, 0, 0, 1, 2}));
    }

    private static byte[] neighbour() {
        return bytes(new NetlinkRequest(Rtnetlink.RTM_NEWNEIGH, 0).u8(Rtnetlink.AF_INET6).u8(0).u16(0).u32(7)
            .u16(Neighbour.NUD_STALE).u8(0).u8(RTN_UNICAST)
            .attribute(Rtnetlink.NDA_DST, address("fd01::2")).attribute(Rtnetlink.NDA_LLADDR, new byte[] {2, 0, 0, 0, 1, 2}));
    }

    private static byte[] multipath() {
        final NetlinkRequest request = new NetlinkRequest(Rtnetlink.RTM_NEWROUTE, 0)
            .u8(Rtnetlink.AF_INET).u8(24).u8(0).u8(0).u8(Rtnetlink.RT_TABLE_MAIN).u8(0).u8(0).u8(RTN_UNICAST).u32(0)
            .attribute(Rtnetlink.RTA_DST, address("198.51.100.0")).attribute(Rtnetlink.RTA_PRIORITY, 100);
        final int metrics = request.begin(Rtnetlink.RTA_METRICS);
        request.attribute(Rtnetlink.RTAX_MTU, 1300).end(metrics);
        final byte[] via = ByteBuffer.allocate(18).put(new byte[] {Rtnetlink.AF_INET6, 0}).put(address("fd02::2").getAddress()).array();
        final int hops = request.begin(Rtnetlink.RTA_MULTIPATH);
        request.u16(16).u8(0).u8(2).u32(7).attribute(Rtnetlink.RTA_GATEWAY, address("10.1.0.2"))
            .u16(32).u8(Rtnetlink.RTNH_F_DEAD).u8(0).u32(8).attribute(Rtnetlink.RTA_VIA, via)
            .u16(8).u8(0).u8(0).u32(9);
        return bytes(request.end(hops));
    }

    private static byte[] bytes(final NetlinkRequest request) {
        final ByteBuffer buffer = request.finish(1);
        final byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
