package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;

/**
 * Frames made by another implementation: Scapy 2.5.0 ({@code python3-scapy}), each by the expression above it, printed with
 * {@code bytes(frame).hex()}; A, B are 02:00:00:00:00:01 and ...:02, E is
 * {@code Ether(dst=B,src=A)}, C4, V4, C6, V6 are 192.0.2.7, 10.1.0.100, fd01::10, fd01::100. Checksums were checked by
 * {@code tshark -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE}.
 */
final class KnownFrames {
    // A client's SYN with the options that Linux sends; sequence number close to the wrap.
    // E/IP(src=C4,dst=V4,id=0x1234,flags="DF",ttl=63)/TCP(sport=51000,dport=80,seq=0xfffffffe,
    // window=64240,flags="S",options=[("MSS",1460),("SAckOK",b""),("Timestamp",(0x01020304,0)),("NOP",None),("WScale",7)])
    static final String TCP4_SYN =
        "02000000000202000000000108004500003c123440003f065d1cc00002070a010064c7380050fffffffe00000000a002faf0b51500000204"
        + "05b40402080a010203040000000001030307";

    // Data of odd length with a SACK block.
    // E/IP(src=C4,dst=V4,id=0x1235,flags="DF",tos=0x2e)/TCP(sport=51000,dport=80,seq=1,ack=0x80000000,
    // window=502,flags="PA",options=[("NOP",None),("NOP",None),("SAck",(0x80000100,0x80000200))])/b"GET / HTTP/1.1\r\n\r\nodd"
    static final String TCP4_DATA =
        "0200000000020200000000010800452e00491235400040065be0c00002070a010064c73800500000000180000000801801f6aead00000101"
        + "050a8000010080000200474554202f20485454502f312e310d0a0d0a6f6464";

    // A server's SYN-ACK over IPv6.
    // E/IPv6(src="2001:db8::10",dst="2001:db8:1::7",tc=0xb9,hlim=64)/TCP(sport=443,dport=65535,seq=7,ack=9,window=65535,
    // flags="SA",options=[("MSS",1440)])
    static final String TCP6_SYN_ACK =
        "02000000000202000000000186dd6b9000000018064020010db800000000000000000000001020010db800010000000000000000000701bb"
        + "ffff00000007000000096012ffff3ad60000020405a0";

    // A third ACK with the TTM option of an IPv4 client, 192.0.2.7:51000.
    // E/IP(src="10.2.0.100",dst="10.2.0.11",id=1,flags="DF")/TCP(sport=5000,dport=80,seq=1,ack=1,flags="A",
    // options=[(254,bytes.fromhex("c738c0000207"))])
    static final String TTM4 =
        "02000000000202000000000108004500003000014000400626550a0200640a02000b13880050000000010000000170102000c0360000fe08"
        + "c738c0000207";

    // A third ACK with the TTM option of an IPv6 client, [2001:db8::7]:51000.
    // E/IP(src="10.2.0.100",dst="10.2.0.11",id=1,flags="DF")/TCP(sport=5000,dport=80,seq=1,ack=1,flags="A",
    // options=[(254,bytes.fromhex("c738")+inet_pton(socket.AF_INET6,"2001:db8::7"))])
    static final String TTM6 =
        "02000000000202000000000108004500003c00014000400626490a0200640a02000b138800500000000100000001a010200024660000fe14"
        + "c73820010db8000000000000000000000007";

    // A datagram.
    // E/IP(src=C4,dst=V4,id=2)/UDP(sport=5353,dport=53)/b"hello"
    static final String UDP4 =
        "020000000002020000000001080045000021000200004011ae5ec00002070a01006414e90035000dda7768656c6c6f";

    // A datagram whose checksum comes out as zero and is sent as ffff; the source port was searched for that.
    // E/IPv6(src=C6,dst=V6)/UDP(sport=0xd470,dport=53)/b"0!"
    static final String UDP6_ZERO_SUM =
        "02000000000202000000000186dd60000000000a1140fd010000000000000000000000000010fd010000000000000000000000000100d470"
        + "0035000affff3021";

    // A datagram behind an 802.1Q tag.
    // E/Dot1Q(vlan=100,prio=3)/IPv6(src=C6,dst=V6)/UDP(sport=1024,dport=53)/b"q"
    static final String VLAN_UDP6 =
        "0200000000020200000000018100606486dd6000000000091140fd010000000000000000000000000010fd01000000000000000000000000"
        + "01000400003500098f9371";

    // The first fragment of a datagram, behind two other extension headers.
    // E/IPv6(src=C6,dst=V6)/IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0"*4)])/
    // IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0"*12)])/IPv6ExtHdrFragment(offset=0,m=1,id=0xdeadbeef)/
    // UDP(sport=7,dport=8,len=2008,chksum=0xabcd)/(b"x"*16)
    static final String UDP6_FRAGMENT =
        "02000000000202000000000186dd6000000000380040fd010000000000000000000000000010fd0100000000000000000000000001003c00"
        + "0104000000002c01010c00000000000000000000000011000001deadbeef0007000807d8abcd78787878787878787878787878787878";

    // A middle fragment.
    // E/IP(src=C4,dst=V4,id=0x77,flags="MF",frag=185,proto=17)/(b"y"*24)
    static final String UDP4_LATER_FRAGMENT =
        "02000000000202000000000108004500002c007720b940118d25c00002070a01006479797979797979797979797979797979797979797979"
        + "7979";

    // A datagram behind IPv4 options.
    // E/IP(src=C4,dst=V4,id=3,options=[IPOption_RR(length=7,routers=["0.0.0.0"])])/
    // UDP(sport=1,dport=2)/b"z"
    static final String IP4_OPTIONS =
        "020000000002020000000001080047000025000300004011a152c00002070a0100640707040000000000000100020009b96c7a";

    // Fragmentation needed, about a segment of ours.
    // E/IP(src="10.1.0.1",dst=V4,id=4)/ICMP(type=3,code=4,nexthopmtu=1400)/
    // IP(src=V4,dst=C4,id=5,flags="DF",len=1500)/TCP(sport=80,dport=51000,seq=0x11223344,chksum=0x5555)
    static final String ICMP4_TOO_BIG =
        "020000000002020000000001080045000044000400004001664f0a0100010a0100640304263d00000578450005dc00054000400668ab0a01"
        + "0064c00002070050c73811223344000000005002200055550000";

    // Packet too big, about a datagram of ours.
    // E/IPv6(src="fe80::1",dst=V6)/ICMPv6PacketTooBig(mtu=1280)/IPv6(src=V6,dst=C6,plen=1460)/
    // UDP(sport=53,dport=1024,len=1460,chksum=0x1111)
    static final String ICMP6_TOO_BIG =
        "02000000000202000000000186dd6000000000383a40fe800000000000000000000000000001fd0100000000000000000000000001000200"
        + "6f07000005006000000005b41140fd010000000000000000000000000100fd0100000000000000000000000000100035040005b41111";

    // An echo request with odd data.
    // E/IP(src=C4,dst=V4,id=6)/ICMP(type=8,id=0x4242,seq=1)/b"0123456"
    static final String PING4 =
        "020000000002020000000001080045000023000600004001ae68c00002070a0100640800e9224242000130313233343536";

    // An echo request with odd data.
    // E/IPv6(src=C6,dst=V6)/ICMPv6EchoRequest(id=0x4242,seq=1,data=b"0123456")
    static final String PING6 =
        "02000000000202000000000186dd60000000000f3a40fd010000000000000000000000000010fd0100000000000000000000000001008000"
        + "75c54242000130313233343536";

    // An ARP announcement.
    // Ether(dst="ff:ff:ff:ff:ff:ff",src=A)/ARP(op=1,hwsrc=A,psrc=V4,hwdst="00:00:00:00:00:00",pdst=V4)
    static final String ARP_ANNOUNCE =
        "ffffffffffff020000000001080600010800060400010200000000010a0100640000000000000a010064";

    // An ARP probe.
    // Ether(dst="ff:ff:ff:ff:ff:ff",src=A)/ARP(op=1,hwsrc=A,psrc="0.0.0.0",hwdst="00:00:00:00:00:00",pdst=V4)
    static final String ARP_PROBE =
        "ffffffffffff02000000000108060001080006040001020000000001000000000000000000000a010064";

    // The answer of a host that has the address.
    // Ether(dst=A,src=B)/ARP(op=2,hwsrc=B,psrc=V4,hwdst=A,pdst="0.0.0.0")
    static final String ARP_REPLY =
        "020000000001020000000002080600010800060400020200000000020a01006402000000000100000000";

    // A solicitation of somebody who wants to reach the address.
    // Ether(dst="33:33:ff:00:01:00",src=B)/IPv6(src="fd01::2",dst="ff02::1:ff00:100",hlim=255)/
    // ICMPv6ND_NS(tgt=V6)/ICMPv6NDOptSrcLLAddr(lladdr=B)
    static final String ND_SOLICITATION =
        "3333ff00010002000000000286dd6000000000203afffd010000000000000000000000000002ff0200000000000000000001ff0001008700"
        + "7b9700000000fd0100000000000000000000000001000101020000000002";

    // Not Scapy's but those of Linux 6.18, as tcpdump -xx printed them when V6 was added to an interface with link-layer address A:
    // duplicate address detection (net.ipv6.conf.all.enhanced_dad=0), then net.ipv6.conf.default.ndisc_notify=1.
    static final String ND_PROBE =
        "3333ff00010002000000000186dd6000000000183aff00000000000000000000000000000000ff0200000000000000000001ff0001008700"
        + "7ba600000000fd010000000000000000000000000100";
    static final String ND_ADVERTISEMENT =
        "33330000000102000000000186dd6000000000203afffd010000000000000000000000000100ff0200000000000000000000000000018800"
        + "589b20000000fd0100000000000000000000000001000201020000000001";

    static final List<String> ALL = List.of(TCP4_SYN, TCP4_DATA, TCP6_SYN_ACK, TTM4, TTM6, UDP4, UDP6_ZERO_SUM, VLAN_UDP6, UDP6_FRAGMENT,
        UDP4_LATER_FRAGMENT, IP4_OPTIONS, ICMP4_TOO_BIG, ICMP6_TOO_BIG, PING4, PING6, ARP_ANNOUNCE,
        ARP_PROBE, ARP_REPLY, ND_SOLICITATION, ND_PROBE, ND_ADVERTISEMENT);

    private KnownFrames() {
    }

    /**
     * A frame in memory that ends exactly where the frame ends: reading past it throws.
     *
     * @param hex two digits a byte
     * @return a copy that may be written
     */
    static MemorySegment frame(final String hex) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(hex));
    }

    static String hex(final MemorySegment memory) {
        return HexFormat.of().formatHex(memory.toArray(ValueLayout.JAVA_BYTE));
    }
}
