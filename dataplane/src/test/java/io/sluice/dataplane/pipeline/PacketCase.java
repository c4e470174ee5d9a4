package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.verdict.DropReason;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;

/**
 * A row of a packet table: a description, a configuration, what has happened before, a packet, and what becomes of it.
 *
 * <pre>{@code
 * PacketCase.packet("a segment without a connection", Packets.tcp(CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION)
 * }</pre>
 */
final class PacketCase {
    private final String description;
    private final Function<PathHarness, TestFrame> packet;
    private ForwardingSpec spec = everything();
    private PathSizes sizes = PathSizes.DEFAULT;
    private Consumer<PathHarness> before = path -> { };

    private PacketCase(final String description, final Function<PathHarness, TestFrame> packet) {
        this.description = description;
        this.packet = packet;
    }

    /** TCP and UDP listeners on port 80, for every pair of families. */
    static ForwardingSpec everything() {
        return Configuration.of(Pair.FOUR_TO_FOUR.tcp(), Pair.FOUR_TO_FOUR.udp(), Pair.SIX_TO_SIX.tcp(), Pair.SIX_TO_SIX.udp(),
            Pair.SIX_TO_FOUR.tcp(), Pair.SIX_TO_FOUR.udp());
    }

    static PacketCase packet(final String description, final TestFrame frame) {
        return new PacketCase(description, path -> frame);
    }

    static PacketCase packet(final String description, final PacketBuilder<?> packet) {
        return packet(description, packet.build());
    }

    /** A packet that depends on what happens before it. */
    static PacketCase packetOf(final String description, final Function<PathHarness, PacketBuilder<?>> packet) {
        return new PacketCase(description, path -> packet.apply(path).build());
    }

    /** Only these listeners. */
    PacketCase with(final ListenerDraft... listeners) {
        return with(Configuration.of(listeners));
    }

    PacketCase with(final ForwardingSpec other) {
        spec = other;
        return this;
    }

    PacketCase with(final PathSizes other) {
        sizes = other;
        return this;
    }

    /** What happens before. */
    PacketCase given(final Consumer<PathHarness> preparation) {
        before = preparation;
        return this;
    }

    /** It is left to the kernel as it is, and nothing else happens. */
    DynamicTest passes() {
        return test((path, result, frame) -> {
            assertThat(result.isPassed()).as("%s", result).isTrue();
            assertThat(result.frame()).isEqualTo(frame);
            assertThat(result.made()).isEmpty();
        });
    }

    /** It is dropped, counted, and nothing else happens. */
    DynamicTest drops(final DropReason reason) {
        return test((path, result, frame) -> {
            assertThat(result.reason()).as("%s", result).isEqualTo(reason);
            assertThat(result.made()).isEmpty();
            assertThat(path.drops(reason)).isPositive();
        });
    }

    /** It is dropped, and this is what the sender gets. */
    DynamicTest dropsAndAnswers(final DropReason reason, final PacketBuilder<?> answer) {
        return test((path, result, frame) -> {
            assertThat(result.reason()).as("%s", result).isEqualTo(reason);
            result.answer();
            assertThat(result.made().getFirst()).isEqualTo(answer.matching(result.made().getFirst()));
        });
    }

    /** It leaves as exactly these bytes, by this port. */
    DynamicTest leavesAs(final PacketBuilder<?> expected) {
        return test((path, result, frame) -> {
            result.out();
            assertThat(result.frame()).isEqualTo(expected.matching(result.frame()));
            assertThat(result.made()).isEmpty();
        });
    }

    /** It leaves, sound and as described. */
    DynamicTest leaves(final Consumer<Decoded> expectation) {
        return test((path, result, frame) -> expectation.accept(result.out()));
    }

    private interface Expectation {
        void check(PathHarness path, PathResult result, TestFrame frame);
    }

    private DynamicTest test(final Expectation expectation) {
        return DynamicTest.dynamicTest(description, () -> {
            try (PathHarness path = PathHarness.of(spec, sizes)) {
                before.accept(path);
                final TestFrame frame = packet.apply(path);
                expectation.check(path, path.send(frame), frame);
                path.checkConsistency();
            }
        });
    }
}
