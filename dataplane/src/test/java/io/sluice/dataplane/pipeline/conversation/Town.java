package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.pipeline.Configuration;
import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import io.sluice.dataplane.pipeline.ListenerDraft;
import io.sluice.dataplane.pipeline.PathHarness;
import io.sluice.dataplane.pipeline.TestNet;
import io.sluice.dataplane.pipeline.conversation.World.Weather;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Some clients, a server and the weather between them, all of it from one seed. */
final class Town implements AutoCloseable {
    /** Which address families meet. */
    enum Families {
        IPV4(TestNet.CLIENT4, TestNet.VIP4, TestNet.SERVER4), IPV6(TestNet.CLIENT6, TestNet.VIP6, TestNet.SERVER6),
        IPV6_TO_IPV4(TestNet.CLIENT6, TestNet.VIP6, TestNet.SERVER4);

        final Endpoint client;
        final Endpoint virtual;
        final Endpoint server;

        Families(final Endpoint client, final Endpoint virtual, final Endpoint server) {
            this.client = client;
            this.virtual = virtual;
            this.server = server;
        }
    }

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1000 * MS;
    private static final long HOUR = 3600 * SECOND;
    private static final int FIRST_PORT = 20_000;

    private final Random random;
    private final Families families;
    private final boolean ttm;
    private final boolean stripTimestamps;
    private final World world;
    private final Clients clients;
    private final Servers servers;
    private final List<Conversation> conversations = new ArrayList<>();

    Town(final long seed, final Families families, final boolean withKills) {
        this.random = new Random(seed);
        this.families = families;
        this.ttm = random.nextInt(4) != 0;
        this.stripTimestamps = random.nextInt(3) != 0;
        final int population = 1 + random.nextInt(4);
        final ListenerDraft listener = ListenerDraft.tcp(families.virtual, families.server);
        if (!ttm) {
            listener.withoutTtm();
        }
        if (!stripTimestamps) {
            listener.keepTimestamps();
        }
        // Few ports for each lane, so that each is used again and again while the server still holds TIME_WAIT.
        final int lastPort = FIRST_PORT + (population + 3) * PathHarness.LANES - 1;
        this.world = new World(PathHarness.of(Configuration.of(FIRST_PORT, lastPort, listener)), random, weather());
        this.clients = new Clients(world, random, families.virtual);
        this.servers = new Servers(world, random, families.server, ttm, stripTimestamps);
        world.inhabit(frame -> clients.receive(Decoded.of(frame)), frame -> servers.receive(Decoded.of(frame)));
        populate(population);
        if (withKills) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                final long at = random.nextLong(8 * SECOND);
                final long downNs = random.nextBoolean() ? 0 : random.nextLong(2 * SECOND);
                world.after(at, () -> world.kill(downNs));
            }
        }
    }

    private Weather weather() {
        final boolean fine = random.nextInt(4) == 0;
        return new Weather(fine ? 0 : random.nextDouble() * 0.15, fine ? 0 : random.nextDouble() * 0.1, (1 + random.nextInt(30)) * MS,
            random.nextInt(3) == 0 ? 0 : (1 + random.nextInt(20)) * MS);
    }

    private void populate(final int population) {
        final double offload = random.nextBoolean() ? 0 : random.nextDouble();
        int id = 100;
        for (int i = 0; i < population; i++) {
            final Endpoint client = families.client.port(40_000 + i);
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                final Conversation conversation = new Conversation(id++, client, manner(offload, client), manner(offload,
                    families.server), random);
                conversations.add(conversation);
                clients.add(conversation);
                servers.add(conversation);
            }
        }
    }

    private Manner manner(final double offload, final Endpoint who) {
        final int mss = 1500 - (who.isIpv4() ? 40 : 60) - (random.nextBoolean() ? 0 : random.nextInt(600));
        return new Manner(mss, random.nextInt(4) != 0, random.nextBoolean(), Math.min(0xffff, 2 * mss + random.nextInt(60_000)),
            random.nextBoolean(), offload, random.nextInt(3) == 0 ? 0 : random.nextDouble(), true);
    }

    Servers servers() {
        return servers;
    }

    World world() {
        return world;
    }

    /** Lets everybody talk, and checks what was heard and what is left. */
    void live() {
        clients.start();
        if (!world.runUntil(clients::areFinished, 3 * HOUR)) {
            throw new AssertionError("no end: " + conversations);
        }
        world.weather(Weather.CLEAR);
        if (!world.runUntil(() -> world.path().connections() == 0, HOUR)) {
            throw new AssertionError(world.path().connections() + " connections are still there, and nobody uses them");
        }
        world.runUntil(() -> false, 10 * SECOND);
        conversations.forEach(Conversation::check);
        world.path().checkConsistency();
        if (!world.path().events().stored().isEmpty()) {
            throw new AssertionError("the table of record still has " + world.path().events().stored().size() + " connections, port "
                + (world.path().events().stored().getFirst()[ConnectionRecord.CLIENT_PORT_OFFSET + 1] & 0xff));
        }
        if (world.path().count(SystemCounter.TTM_NO_ROOM) != 0) {
            throw new AssertionError("no room for the client's address though the MSS left some");
        }
    }

    @Override
    public void close() {
        world.close();
    }

    @Override
    public String toString() {
        return families + (ttm ? ", TTM" : "") + (stripTimestamps ? "" : ", timestamps") + ", " + conversations;
    }
}
