package io.sluice.dataplane.pipeline.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.pipeline.Configuration;
import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.ListenerDraft;
import io.sluice.dataplane.pipeline.PathHarness;
import io.sluice.dataplane.pipeline.conversation.Town.Families;
import io.sluice.dataplane.pipeline.conversation.World.Weather;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection on which nothing happens any more: both ends must learn of its end, and obey. */
class IdleConversationTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @EnumSource
    void shouldEndOnBothSidesWithResetsThatTheyObey(final Families families) {
        Seeds.forEach(100, seed -> {
            final Random random = new Random(seed);
            final PathHarness path = PathHarness.of(Configuration.of(ListenerDraft.tcp(families.virtual, families.server)));
            try (World world = new World(path, random, Weather.CLEAR)) {
                final Manner manner = new Manner(1300, random.nextBoolean(), random.nextBoolean(), 30_000, false,
                    random.nextBoolean() ? 0.5 : 0, random.nextDouble(), false);
                final Conversation conversation = new Conversation(1 + random.nextInt(60_000), families.client, manner, manner, random,
                    Conversation.Ending.BOTH_FALL_SILENT);
                final Clients clients = new Clients(world, random, families.virtual);
                final Servers servers = new Servers(world, random, families.server, true, true);
                clients.add(conversation);
                servers.add(conversation);
                world.inhabit(frame -> clients.receive(Decoded.of(frame)), frame -> servers.receive(Decoded.of(frame)));
                clients.start();
                world.runUntil(() -> false, 890 * SECOND);
                assertThat(conversation.clientPeer().state()).isEqualTo(TcpPeer.State.OPEN);
                assertThat(conversation.serverPeer().state()).isEqualTo(TcpPeer.State.OPEN);
                world.runUntil(() -> false, 60 * SECOND);
                assertThat(conversation.clientPeer().state()).isEqualTo(TcpPeer.State.RESET);
                assertThat(conversation.serverPeer().state()).isEqualTo(TcpPeer.State.RESET);
                conversation.check();
                assertThat(world.path().connections()).isZero();
                assertThat(world.path().count(SystemCounter.RESETS_SENT)).isEqualTo(2);
                world.path().checkConsistency();
            }
        });
    }
}
