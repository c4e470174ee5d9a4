package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A packet that is larger than the next link, but may be cut: its sender never learns of it. */
class FragmentingTest {
    private static final byte[] DATA = Packets.pattern(1472);

    @OneLane
    @ParameterizedTest
    @ValueSource(ints = {1499, 1300, 576, 100, 28})
    void shouldCutWithinIpv4(final int mtu) {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", mtu);
            assertCut(path.send(Packets.udp(pair.client, pair.virtual).payload(DATA).mayFragment()), pair.local, pair.server, mtu);
            assertThat(path.count(SystemCounter.FRAGMENTS_MADE)).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1500, 1499, 1280})
    void shouldCutTheAnswerOfAnIpv4ServerToAnIpv6Client(final int mtu) {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            path.fib().mtu("2001:db8:c::7/128", mtu);
            assertCut(path.send(Packets.udp(pair.server, pair.local).payload(DATA).mayFragment().fromBack()), pair.virtual,
                pair.client, mtu);
        }
    }

    @Test
    void shouldCutASmallPacketOfAnIpv6ClientForAnIpv4LinkThatIsSmallerStill() {
        // An IPv6 sender is never told less than 1280, so what remains is ours to cut (RFC 7915, 5.1).
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 576);
            final UdpPacket packet = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1232));
            final PathResult result = path.send(packet);
            final List<TestFrame> all = result.leaving();
            assertThat(all).allSatisfy(frame -> assertThat(Decoded.of(frame).ipLength).isLessThanOrEqualTo(576));
            assertThat(Reassembly.of(all).payload).isEqualTo(Packets.pattern(1232));
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1233))).answer().icmpRest)
                .isEqualTo(1280);
        }
    }

    @Test
    void shouldCutFragmentsFurther() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 700);
            final List<TestFrame> all = new ArrayList<>();
            Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(5000)).fragments(1480)
                .forEach(fragment -> all.addAll(path.send(fragment).leaving()));
            assertThat(all).hasSizeGreaterThan(8).allSatisfy(frame ->
                assertThat(Decoded.of(frame).ipLength).isLessThanOrEqualTo(700));
            assertThat(Reassembly.of(all).payload).isEqualTo(Packets.pattern(5000));
        }
    }

    @Test
    void shouldCutFragmentsThatGrowOnTheirWayToIpv6() {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            final List<TestFrame> all = new ArrayList<>();
            Packets.udp(pair.server, pair.local).fromBack().payload(Packets.pattern(5000)).fragments(1480)
                .forEach(fragment -> all.addAll(path.send(fragment).leaving()));
            assertThat(all).allSatisfy(frame -> assertThat(Decoded.of(frame).ipLength).isLessThanOrEqualTo(1500));
            assertThat(Reassembly.of(all).payload).isEqualTo(Packets.pattern(5000));
        }
    }

    @OneLane
    @Test
    void shouldCompleteAPartialChecksumBeforeCutting() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 576);
            assertCut(path.send(Packets.udp(pair.client, pair.virtual).payload(DATA).mayFragment().partialChecksum()), pair.local,
                pair.server, 576);
        }
    }

    @Test
    void shouldKeepIpv4OptionsOfEveryFragmentInStep() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 576);
            final PathResult result = path.send(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1000)).mayFragment()
                .ipOptions(1, 1, 1, 1));
            assertThat(result.leaving()).hasSize(2).allSatisfy(frame -> {
                assertThat(Decoded.of(frame).isSound()).isTrue();
                assertThat(Decoded.of(frame).ipLength).isLessThanOrEqualTo(576);
                assertThat(Decoded.of(frame).ipHeaderLength).isEqualTo(24);
            });
        }
    }

    @Test
    void shouldNotCutWhatForbidsIt() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 1300);
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(DATA)).reason()).isEqualTo(DropReason.TOO_BIG);
        }
    }

    @Test
    void shouldDropWhatCannotBeCutBecauseTheLinkIsTooSmallForAnyFragment() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = harness(pair)) {
            path.fib().mtu("10.2.0.11/32", 27);
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(DATA).mayFragment()).reason())
                .isEqualTo(DropReason.TOO_BIG);
        }
    }

    @Test
    void shouldDropWhatNeedsMoreFramesThanThereAre() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(Configuration.of(pair.udp()), PathSizes.DEFAULT.spareFrames(2))) {
            path.fib().mtu("10.2.0.11/32", 300);
            final PathResult result = path.send(Packets.udp(pair.client, pair.virtual).payload(DATA).mayFragment());
            assertThat(result.reason()).isEqualTo(DropReason.NO_FRAME);
            path.checkConsistency();
        }
    }

    private static PathHarness harness(final Pair pair) {
        return PathHarness.of(Configuration.of(pair.udp()), PathSizes.DEFAULT.spareFrames(200));
    }

    private static void assertCut(final PathResult result, final Endpoint from, final Endpoint to, final int mtu) {
        if (mtu == 28) {
            assertThat(result.reason()).as("184 fragments of 8 bytes are more than a burst holds").isEqualTo(DropReason.NO_FRAME);
            return;
        }
        final List<TestFrame> all = result.leaving();
        assertThat(all).hasSizeGreaterThan(1).allSatisfy(frame -> assertThat(Decoded.of(frame).ipLength).isLessThanOrEqualTo(mtu));
        final Decoded whole = Reassembly.of(all);
        assertThat(whole.source()).isEqualTo(from);
        assertThat(whole.destination()).isEqualTo(to);
        assertThat(whole.payload).isEqualTo(DATA);
    }
}
