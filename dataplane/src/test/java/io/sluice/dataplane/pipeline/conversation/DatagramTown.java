package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Configuration;
import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import io.sluice.dataplane.pipeline.ListenerDraft;
import io.sluice.dataplane.pipeline.Packets;
import io.sluice.dataplane.pipeline.PathHarness;
import io.sluice.dataplane.pipeline.PathSizes;
import io.sluice.dataplane.pipeline.TestFrame;
import io.sluice.dataplane.pipeline.UdpPacket;
import io.sluice.dataplane.pipeline.conversation.Town.Families;
import io.sluice.dataplane.pipeline.conversation.World.Weather;
import io.sluice.dataplane.verdict.DropReason;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Clients that send datagrams of all sizes to a server, which sends each back the other way round. Nobody may ever get what was
 * not meant for him, and in fair weather everybody gets everything.
 */
final class DatagramTown implements AutoCloseable {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1000 * MS;
    private static final int HEADER = 8;
    private static final int CLIENT_PORT = 4000;

    private final Random random;
    private final Families families;
    private final boolean fair;
    private final World world;
    private final Reassembler atServer = new Reassembler();
    private final Map<Endpoint, Reassembler> atClients = new HashMap<>();
    /** Per client, all that it has sent. */
    private final Map<Endpoint, Set<ByteBuffer>> sent = new HashMap<>();
    private final Map<Endpoint, Set<ByteBuffer>> answered = new HashMap<>();
    private final Map<Endpoint, Endpoint> lastLocal = new HashMap<>();
    private int identification;
    private int heardByServer;

    DatagramTown(final long seed, final Families families, final boolean fair, final boolean withKills) {
        this.random = new Random(seed);
        this.families = families;
        this.fair = fair;
        final Weather weather = fair ? Weather.CLEAR
            : new Weather(random.nextDouble() * 0.2, random.nextDouble() * 0.2, 5 * MS, (1 + random.nextInt(30)) * MS);
        this.world = new World(PathHarness.of(Configuration.of(ListenerDraft.udp(families.virtual, families.server)),
            new PathSizes(64, 4096, 16, 16, 30)), random, weather);
        world.inhabit(this::atClients, this::atServer);
        if (!fair) {
            world.expectDrops(DropReason.FRAGMENT_ORPHAN);
        }
        final int clients = 1 + random.nextInt(5);
        for (int i = 0; i < clients; i++) {
            final Endpoint client = Endpoint.of(families == Families.IPV4 ? "198.51.100." + (7 + i) + ":" + CLIENT_PORT
                : "[2001:db8:c::" + (7 + i) + "]:" + CLIENT_PORT);
            sent.put(client, new HashSet<>());
            answered.put(client, new HashSet<>());
            atClients.put(client, new Reassembler());
            // All clients count their datagrams from the same number: their fragments meet at one local address.
            for (int n = 0; n < 30; n++) {
                final int number = n;
                world.after(random.nextLong(20 * SECOND), () -> send(client, number));
            }
        }
        if (withKills) {
            world.after(random.nextLong(20 * SECOND), () -> world.kill(random.nextLong(SECOND)));
        }
    }

    private void send(final Endpoint client, final int number) {
        final byte[] payload = new byte[HEADER + (random.nextInt(3) == 0 ? random.nextInt(5000) : random.nextInt(1400))];
        random.nextBytes(payload);
        sent.get(client).add(ByteBuffer.wrap(payload));
        transmit(Packets.udp(client, families.virtual).identification(number).mayFragment().payload(payload), payload.length, false);
    }

    private void transmit(final UdpPacket packet, final int length, final boolean back) {
        final UdpPacket ready = back ? packet.fromBack() : packet;
        final boolean ipv4 = (back ? families.server : families.client).isIpv4();
        final int largest = ipv4 ? 1480 : 1448;
        if (length + HEADER > largest) {
            ready.fragments(random.nextBoolean() ? largest : 8 * (1 + HEADER + random.nextInt(140))).forEach(world::send);
        } else {
            world.send(random.nextInt(4) == 0 ? ready.partialChecksum().build() : ready.build());
        }
    }

    private void atServer(final TestFrame frame) {
        final Reassembler.Datagram datagram = atServer.take(frame);
        if (datagram == null) {
            return;
        }
        final Endpoint client = sent.keySet().stream().filter(any -> sent.get(any).contains(ByteBuffer.wrap(datagram.payload()))).findAny()
            .orElseThrow(() -> new AssertionError("the server got what nobody sent"));
        final Endpoint before = lastLocal.put(client, datagram.source());
        final boolean moved = before != null && !before.equals(datagram.source()) && world.restarts() == 0;
        if (moved || !datagram.destination().equals(families.server)) {
            throw new AssertionError(client + " came from " + datagram.source() + ", before from " + before);
        }
        heardByServer++;
        final byte[] answer = reversed(datagram.payload());
        transmit(Packets.udp(families.server, datagram.source()).identification(identification++).mayFragment().payload(answer),
            answer.length, true);
    }

    private void atClients(final TestFrame frame) {
        final Reassembler client = atClients.get(new Endpoint(Decoded.of(frame).destinationAddress, CLIENT_PORT));
        final Reassembler.Datagram datagram = client.take(frame);
        if (datagram != null) {
            final ByteBuffer asked = ByteBuffer.wrap(reversed(datagram.payload()));
            if (!datagram.source().equals(families.virtual) || !sent.get(datagram.destination()).contains(asked)) {
                throw new AssertionError(datagram.destination() + " got an answer to what it never asked");
            }
            answered.get(datagram.destination()).add(asked);
        }
    }

    private static byte[] reversed(final byte[] bytes) {
        final byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    World world() {
        return world;
    }

    void live() {
        world.runUntil(() -> false, 22 * SECOND);
        if (fair && !answered.equals(sent)) {
            throw new AssertionError("in fair weather something was lost: " + sent.size() + " clients, " + heardByServer + " datagrams");
        }
        if (heardByServer == 0) {
            throw new AssertionError("the server heard nothing");
        }
        if (!world.runUntil(() -> world.path().connections() == 0, 300 * SECOND)) {
            throw new AssertionError(world.path().connections() + " connections are still there");
        }
        world.path().checkConsistency();
        if (!world.path().events().stored().isEmpty()) {
            throw new AssertionError("the table of record still has " + world.path().events().stored().size() + " connections");
        }
    }

    @Override
    public void close() {
        world.close();
    }
}
