package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.PacketCase.packet;
import static io.sluice.dataplane.pipeline.PacketCase.packetOf;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.LAST_LOCAL_PORT;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL4;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL6;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER6;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.verdict.DropReason;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What is ours: packets for a listener or for a local port. Everything else is left to the kernel, untouched. */
class MatchTest {
    private static final int ARP = 0x0806;

    @TestFactory
    Stream<DynamicTest> shouldLeaveToTheKernelWhatIsNotBalanced() {
        return Stream.of(
            packet("ARP request for the virtual address",
                Packets.raw(CLIENT4, VIP4, 0, Packets.pattern(28)).etherType(ARP)).passes(),
            packet("another ethertype", Packets.raw(CLIENT4, VIP4, 0, Packets.pattern(40)).etherType(0x88cc)).passes(),
            packet("neighbour solicitation for the virtual address",
                Packets.icmp(CLIENT6, VIP6, 135, 0).data(VIP6.address().getAddress()).ttl(255)).passes(),
            packet("neighbour advertisement to a local address",
                Packets.icmp(SERVER6, LOCAL6, 136, 0).data(SERVER6.address().getAddress()).ttl(255).fromBack()).passes(),
            packet("ssh to the virtual address", Packets.tcp(CLIENT4, VIP4.port(22)).syn()).passes(),
            packet("DNS over UDP to a virtual address that listens on another port", Packets.udp(CLIENT6, VIP6.port(53))).passes(),
            packet("a router's BGP to another address of this host", Packets.tcp(CLIENT4, Endpoint.of("203.0.113.1:179")).syn())
                .passes(),
            packet("VRRP", Packets.raw(CLIENT4, Endpoint.of("224.0.0.18:0"), 112, Packets.pattern(20))).passes(),
            packet("SCTP to the virtual address", Packets.raw(CLIENT4, VIP4, 132, Packets.pattern(20))).passes(),
            packet("an IGMP query", Packets.raw(CLIENT4, Endpoint.of("224.0.0.1:0"), 2, Packets.pattern(8)).ipOptions(0x94, 4, 0, 0))
                .passes(),
            packet("a packet that only crosses this host", Packets.tcp(CLIENT4, Endpoint.of("192.0.2.9:80")).syn()).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldLeaveToTheKernelWhatIsNotOfThisLink() {
        final TestFrame syn = Packets.tcp(CLIENT4, VIP4).syn().build();
        return Stream.of(
            packet("a SYN behind a VLAN tag",
                Packets.hex("020000000a00 0200000000c1 8100 0064 0800" + hexOf(syn.bytes(), 14))).passes(),
            packet("a SYN whose VLAN tag the kernel took off", syn.untagged()).passes(),
            packet("a SYN to another host's link-layer address", syn.overheard()).passes(),
            packet("a frame of 14 bytes", Packets.hex("020000000a00 0200000000c1 0800")).passes(),
            packet("an empty frame", Packets.hex("")).passes());
    }

    private static String hexOf(final byte[] bytes, final int from) {
        return HexFormat.of().formatHex(bytes, from, bytes.length);
    }

    @TestFactory
    Stream<DynamicTest> shouldOwnOnlyThePoolsPortsOfALocalAddress() {
        final int first = LOCAL4.port();
        return Stream.of(
            packet("first port of the pool", Packets.tcp(SERVER4, LOCAL4.port(first)).fromBack()).drops(DropReason.NO_CONNECTION),
            packet("last port of the pool", Packets.tcp(SERVER4, LOCAL4.port(LAST_LOCAL_PORT)).fromBack())
                .drops(DropReason.NO_CONNECTION),
            packet("UDP to a port of the pool", Packets.udp(SERVER6, LOCAL6.port(first)).fromBack()).drops(DropReason.NO_CONNECTION),
            packet("a SYN to a port of the pool", Packets.tcp(SERVER4, LOCAL4).syn().fromBack()).drops(DropReason.NO_CONNECTION),
            packet("the port before: a health check's answer", Packets.tcp(SERVER4, LOCAL4.port(first - 1)).fromBack()).passes(),
            packet("the port behind", Packets.tcp(SERVER4, LOCAL4.port(LAST_LOCAL_PORT + 1)).fromBack()).passes(),
            packet("IPv6, the port before", Packets.udp(SERVER6, LOCAL6.port(first - 1)).fromBack()).passes(),
            packet("ssh to a local address", Packets.tcp(CLIENT4, LOCAL4.port(22)).syn()).passes(),
            packet("a ping to a local address", Packets.ping(SERVER4, LOCAL4).fromBack()).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldTellListenersApartByProtocolAddressAndPort() {
        final ListenerDraft tcp = ListenerDraft.tcp(VIP4, SERVER4);
        return Stream.of(
            packet("the listener's own protocol", Packets.tcp(CLIENT4, VIP4).syn()).with(tcp)
                .leaves(out -> assertThat(out.destination()).isEqualTo(SERVER4)),
            packet("another protocol on the same port", Packets.udp(CLIENT4, VIP4)).with(tcp).passes(),
            packet("the listener's port on another virtual address", Packets.tcp(CLIENT6, VIP6).syn())
                .with(tcp, ListenerDraft.tcp(VIP6.port(81), SERVER6)).passes(),
            packet("two listeners on one address: the first", Packets.tcp(CLIENT4, VIP4).syn())
                .with(tcp, ListenerDraft.tcp(VIP4.port(443), SERVER4.port(8443)))
                .leaves(out -> assertThat(out.destinationPort).isEqualTo(8080)),
            packet("two listeners on one address: the second", Packets.tcp(CLIENT4, VIP4.port(443)).syn())
                .with(tcp, ListenerDraft.tcp(VIP4.port(443), SERVER4.port(8443)))
                .leaves(out -> assertThat(out.destinationPort).isEqualTo(8443)));
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchAConnectionByAllFiveOfItsFields() {
        return Stream.of(
            packetOf("all of them", path -> TcpConversation.open(path, CLIENT4, VIP4).fromClient())
                .leaves(out -> assertThat(out.destination()).isEqualTo(SERVER4)),
            packet("the same ports, another client", Packets.tcp(Endpoint.of("198.51.100.8:40000"), VIP4))
                .given(path -> TcpConversation.open(path, CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION),
            packet("the same client, another port", Packets.tcp(CLIENT4.port(40_001), VIP4))
                .given(path -> TcpConversation.open(path, CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION),
            packet("an answer from another port of the server", Packets.tcp(SERVER4.port(8081), LOCAL4).fromBack())
                .given(path -> TcpConversation.open(path, CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION),
            packet("an answer from another server", Packets.tcp(Endpoint.of("10.2.0.12:8080"), LOCAL4).fromBack())
                .given(path -> TcpConversation.open(path, CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION),
            packet("an answer of another protocol", Packets.udp(SERVER4, LOCAL4).fromBack())
                .given(path -> TcpConversation.open(path, CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION));
    }
}
