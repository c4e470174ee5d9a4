package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP64;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.verdict.DropReason;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** How to provoke every reason for which a frame is dropped: one case each. The closed list is complete. */
@OneLane
class DropReasonTest {
    /** Only the sending stage gives these: a port that talks to a kernel, and the ring of another lane. */
    private static final Set<DropReason> OF_SENDING = EnumSet.of(DropReason.TRANSMIT_FAILED, DropReason.HAND_OVER_FULL);
    private static final PathSizes SMALL = PathSizes.DEFAULT.spareFrames(1).connections(1);

    private static final ListenerDraft TCP = ListenerDraft.tcp(VIP4, SERVER4);
    private static final ListenerDraft UDP = ListenerDraft.udp(VIP4, SERVER4);
    private static final TcpPacket SYN = Packets.tcp(CLIENT4, VIP4).syn();
    private static final TcpPacket NEXT_SYN = Packets.tcp(CLIENT4.port(2), VIP4).syn();
    private static final UdpPacket LARGE = Packets.udp(CLIENT4, VIP4).payload(new byte[1472]);

    private final Map<DropReason, Supplier<PathHarness>> cases = new EnumMap<>(DropReason.class);

    DropReasonTest() {
        headers();
        fragments();
        connections();
        waysOut();
        icmp();
    }

    private void headers() {
        put(DropReason.MALFORMED_IP, () -> sent(PathHarness.of(TCP), Packets.tcp(CLIENT4, VIP4).wrongIpChecksum()));
        put(DropReason.MALFORMED_TCP, () -> sent(PathHarness.of(TCP), Packets.tcp(CLIENT4, VIP4).flags(0)));
        put(DropReason.MALFORMED_UDP, () -> sent(PathHarness.of(UDP), Packets.udp(CLIENT4, VIP4).claimedLength(1)));
        put(DropReason.MALFORMED_ICMP, () -> sent(PathHarness.of(TCP), Packets.raw(CLIENT4, VIP4, 1, new byte[1])));
        put(DropReason.TTL_EXPIRED, () -> sent(PathHarness.of(TCP), Packets.tcp(CLIENT4, VIP4).syn().ttl(1)));
        put(DropReason.NOT_TRANSLATABLE, () -> sent(PathHarness.of(ListenerDraft.udp(VIP64, SERVER4)),
            Packets.udp(CLIENT6, VIP64).routing(1)));
    }

    private void fragments() {
        put(DropReason.FRAGMENT_TOO_SHORT, () -> sent(PathHarness.of(TCP), SYN.fragments(8).getFirst()));
        put(DropReason.FRAGMENT_ORPHAN, () -> sent(PathHarness.of(UDP), LARGE.fragments(800).get(1)));
        put(DropReason.FRAGMENT_TABLE_FULL, () -> {
            final PathHarness path = PathHarness.of(UDP);
            for (int id = 0; id < 100; id++) {
                path.send(Packets.udp(CLIENT4, VIP4).payload(new byte[100]).identification(id).fragments(80).getFirst());
            }
            return path;
        });
    }

    private void connections() {
        put(DropReason.NO_CONNECTION, () -> sent(PathHarness.of(TCP), Packets.tcp(CLIENT4, VIP4)));
        put(DropReason.RESET_UNKNOWN, () -> sent(PathHarness.of(ListenerDraft.tcp(VIP4, SERVER4).resetUnknown()),
            Packets.tcp(CLIENT4, VIP4)));
        put(DropReason.ACL_DENIED, () -> sent(PathHarness.of(ListenerDraft.tcp(VIP4, SERVER4).allow()), SYN));
        put(DropReason.CONNECTION_LIMIT, () -> sent(PathHarness.of(limited(new LimitsSpec(1, 0, 0, 0))), SYN, NEXT_SYN));
        put(DropReason.RATE_LIMIT, () -> sent(PathHarness.of(limited(new LimitsSpec(0, 1, 0, 0))), SYN, NEXT_SYN));
        put(DropReason.BANDWIDTH_LIMIT, () -> sent(PathHarness.of(limited(new LimitsSpec(0, 0, 8, 0))), SYN, SYN));
        put(DropReason.NO_BACKEND, () -> sent(PathHarness.of(ListenerDraft.tcp(VIP4)), SYN));
        put(DropReason.NO_LOCAL_PORT, () -> sent(PathHarness.of(Configuration.of(5000, 5000, TCP)), SYN, NEXT_SYN));
        put(DropReason.TABLE_FULL, () -> sent(PathHarness.of(Configuration.of(TCP), SMALL), SYN, NEXT_SYN));
    }

    private static ListenerDraft limited(final LimitsSpec limits) {
        return ListenerDraft.tcp(VIP4, SERVER4).limits(limits);
    }

    private void waysOut() {
        put(DropReason.NO_ROUTE, () -> unreachable(Fib.NO_ROUTE));
        put(DropReason.NO_NEIGHBOUR, () -> unreachable(Fib.NO_NEIGHBOUR));
        put(DropReason.PORT_DOWN, () -> unreachable(Fib.PORT_DOWN));
        put(DropReason.TOO_BIG, () -> sent(narrow(1000, PathSizes.DEFAULT), LARGE));
        put(DropReason.NO_FRAME, () -> sent(narrow(500, SMALL), Packets.udp(CLIENT4, VIP4).payload(new byte[1472]).mayFragment()));
        // There is headroom for every translation: only a packet that does not fit into a length field gets here.
        put(DropReason.NO_HEADROOM, () -> {
            final PathHarness path = PathHarness.of(ListenerDraft.udp(VIP64, SERVER4));
            path.send(Packets.udp(CLIENT6, VIP64));
            return sent(path, Packets.udp(CLIENT6, VIP64).payload(new byte[65_527]).gso(1000));
        });
    }

    private static PathHarness unreachable(final int result) {
        final PathHarness path = PathHarness.of(TCP);
        path.fib().unreachable("10.2.0.0/16", result);
        return sent(path, SYN);
    }

    private static PathHarness narrow(final int mtu, final PathSizes sizes) {
        final PathHarness path = PathHarness.of(Configuration.of(UDP), sizes);
        path.fib().mtu("10.2.0.0/16", mtu);
        return path;
    }

    private void icmp() {
        put(DropReason.ECHO_NO_BACKEND, () -> sent(PathHarness.of(ListenerDraft.tcp(VIP4)), Packets.ping(CLIENT4, VIP4)));
        put(DropReason.ICMP_UNRELATED, () -> sent(PathHarness.of(TCP),
            Packets.icmp(CLIENT4, VIP4, 3, 1).data(Packets.tcp(VIP4, CLIENT4).ipPacket())));
        put(DropReason.ICMP_NOT_TRANSLATABLE, () -> {
            final PathHarness path = PathHarness.of(ListenerDraft.udp(VIP64, SERVER4));
            final Decoded out = path.send(Packets.udp(CLIENT6, VIP64)).out();
            return sent(path, Packets.icmp(SERVER4, out.source(), 12, 0).data(Packets.udp(out.source(), SERVER4).ipPacket()));
        });
    }

    private void put(final DropReason reason, final Supplier<PathHarness> provocation) {
        cases.put(reason, provocation);
    }

    private static PathHarness sent(final PathHarness path, final PacketBuilder<?>... packets) {
        for (final PacketBuilder<?> packet : packets) {
            path.send(packet);
        }
        return path;
    }

    private static PathHarness sent(final PathHarness path, final TestFrame frame) {
        path.send(frame);
        return path;
    }

    @TestFactory
    Stream<DynamicTest> shouldDropFor() {
        return cases.entrySet().stream().map(entry -> DynamicTest.dynamicTest(entry.getKey().name(), () -> {
            try (PathHarness path = entry.getValue().get()) {
                assertThat(path.drops(entry.getKey())).isPositive();
                path.checkConsistency();
            }
        }));
    }

    @Test
    void shouldHaveACaseForEveryReason() {
        final Set<DropReason> covered = EnumSet.copyOf(OF_SENDING);
        covered.addAll(cases.keySet());
        assertThat(covered).containsExactly(DropReason.values());
    }
}
