package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import io.sluice.dataplane.pipeline.TestFrame;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A host's reassembly of UDP datagrams: by addresses and identification alone, so that what does not belong together breaks. */
final class Reassembler {
    private static final int ETHERNET = 14;

    /** A whole datagram. */
    record Datagram(Endpoint source, Endpoint destination, byte[] payload) {
    }

    private record Key(InetAddress source, InetAddress destination, int identification) {
    }

    private final Map<Key, TreeMap<Integer, byte[]>> pieces = new HashMap<>();
    private final Map<Key, Integer> lengths = new HashMap<>();

    /** Takes a packet; returns the datagram that it is, or completes, or null. */
    Datagram take(final TestFrame frame) {
        final Decoded packet = Decoded.of(frame);
        final int transport = ETHERNET + packet.ipHeaderLength;
        final byte[] piece = Arrays.copyOfRange(frame.bytes(), transport, ETHERNET + packet.ipLength);
        if (packet.fragmentOffset == 0 && !packet.moreFragments) {
            return datagram(packet, piece);
        }
        final Key key = new Key(packet.sourceAddress, packet.destinationAddress, packet.identification);
        final TreeMap<Integer, byte[]> known = pieces.computeIfAbsent(key, any -> new TreeMap<>());
        known.put(packet.fragmentOffset, piece);
        if (!packet.moreFragments) {
            lengths.put(key, packet.fragmentOffset + piece.length);
        }
        final byte[] whole = join(known, lengths.getOrDefault(key, -1));
        if (whole == null) {
            return null;
        }
        pieces.remove(key);
        lengths.remove(key);
        return datagram(packet, whole);
    }

    private static byte[] join(final TreeMap<Integer, byte[]> known, final int length) {
        final byte[] whole = new byte[Math.max(0, length)];
        int end = 0;
        for (final Map.Entry<Integer, byte[]> piece : known.entrySet()) {
            if (piece.getKey() > end || length < 0) {
                return null;
            }
            System.arraycopy(piece.getValue(), 0, whole, piece.getKey(), piece.getValue().length);
            end = Math.max(end, piece.getKey() + piece.getValue().length);
        }
        return end == length ? whole : null;
    }

    private static Datagram datagram(final Decoded packet, final byte[] udp) {
        final ByteBuffer header = ByteBuffer.wrap(udp);
        final byte[] source = packet.sourceAddress.getAddress();
        final byte[] destination = packet.destinationAddress.getAddress();
        final int pseudo = Offload.sum(destination, 0, destination.length, Offload.sum(source, 0, source.length, 17 + udp.length));
        if (header.getShort(4) != udp.length || Offload.sum(udp, 0, udp.length, pseudo) != 0xffff) {
            throw new AssertionError("a broken datagram of " + udp.length + " bytes from " + packet.sourceAddress);
        }
        return new Datagram(new Endpoint(packet.sourceAddress, header.getShort(0) & 0xffff),
            new Endpoint(packet.destinationAddress, header.getShort(2) & 0xffff), Arrays.copyOfRange(udp, 8, udp.length));
    }
}
