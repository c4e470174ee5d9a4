"""Frames made and read by hand: for what a kernel's own TCP would never send, and to see what really is on a wire."""

import dataclasses
import ipaddress
import random
import socket
import struct
import threading
import time

ETH_P_ALL = 3
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6"}


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_segment(source, destination, sport, dport, flags, seq, ack, options=b"", payload=b""):
    """An IPv4 or IPv6 packet with one TCP segment; options are padded with end-of-list."""
    src, dst = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    options += b"\0" * (-len(options) % 4)
    header = struct.pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, (5 + len(options) // 4) << 4, flags, 65535, 0, 0)
    segment = header + options + payload
    pseudo = src.packed + dst.packed + struct.pack("!IHBB", len(segment), 0, 0, 6)
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    if src.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(segment), 6, 64) + src.packed + dst.packed + segment
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), random.getrandbits(16), 0x4000, 64, 6, 0) + src.packed + dst.packed
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment


@dataclasses.dataclass
class Packet:
    """What a test wants to know of a packet."""

    source: str
    destination: str
    protocol: str
    sport: int = 0
    dport: int = 0
    flags: int = 0
    seq: int = 0
    ack: int = 0
    options: bytes = b""
    payload: bytes = b""
    outgoing: bool = False

    @property
    def icmp_type(self):
        """The type of an ICMP message."""
        return self.payload[0]


def read_packet(frame):
    """The packet in an Ethernet frame, or None if it is no IP."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == 0x0800:
        start = 14 + (frame[14] & 15) * 4
        addresses, protocol = (frame[26:30], frame[30:34]), frame[23]
        end = 14 + struct.unpack_from("!H", frame, 16)[0]
    elif kind == 0x86DD:
        start, addresses, protocol = 54, (frame[22:38], frame[38:54]), frame[20]
        end = 54 + struct.unpack_from("!H", frame, 18)[0]
    else:
        return None
    source, destination = (str(ipaddress.ip_address(address)) for address in addresses)
    packet = Packet(source, destination, _PROTOCOLS.get(protocol, str(protocol)), payload=bytes(frame[start:end]))
    if packet.protocol == "tcp":
        packet.sport, packet.dport, packet.seq, packet.ack, offset, packet.flags = struct.unpack_from("!HHIIBB", packet.payload)
        packet.options, packet.payload = packet.payload[20:(offset >> 4) * 4], packet.payload[(offset >> 4) * 4:]
    return packet


class Wire:
    """A raw socket on an interface of a namespace."""

    def __init__(self, namespace, interface):
        with namespace:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((interface, 0))
        self.socket.settimeout(0.2)

    def close(self):
        """Closes the socket."""
        self.socket.close()

    def packets(self, seconds):
        """The IP packets that pass, until nothing more is wanted or the time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                frame, address = self.socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            packet = read_packet(frame)
            if packet:
                packet.outgoing = address[2] == socket.PACKET_OUTGOING
                yield packet


class Capture:
    """Collects the packets that pass an interface while its block runs."""

    def __init__(self, namespace, interface):
        self._wire = Wire(namespace, interface)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._collect)
        self.packets = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._wire.close()

    def _collect(self):
        while not self._stop.is_set():
            self.packets.extend(self._wire.packets(0.2))


class HandmadeClient:
    """TCP by hand from an address of the client's network that no kernel owns, so that nothing else answers for it."""

    def __init__(self, lab, source, destination, dport, sport=None):
        self.source, self.destination, self.dport = source, destination, dport
        self.sport = sport or random.randint(20000, 30000)
        self.seq = random.getrandbits(32)
        self.ack = 0
        mac = lab.client.mac("eth0")
        lab.router.ip("neigh", "replace", source, "lladdr", mac, "dev", "access", "nud", "permanent")
        kind = 0x86DD if ":" in source else 0x0800
        self._ethernet = bytes.fromhex((lab.router.mac("access") + mac).replace(":", "")) + struct.pack("!H", kind)
        self._wire = Wire(lab.client, "eth0")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._wire.close()

    def send(self, flags, options=b"", payload=b"", seq=None):
        """Sends a segment; sequence numbers go on by themselves."""
        at = self.seq if seq is None else seq
        self._wire.socket.send(self._ethernet + tcp_segment(self.source, self.destination, self.sport, self.dport, flags, at,
                                                            self.ack, options, payload))
        if seq is None:
            self.seq = (self.seq + len(payload) + bool(flags & SYN) + bool(flags & FIN)) % 2**32

    def receive(self, seconds=3, wanted=lambda packet: True):
        """The next segment that is for us and wanted, or None. Acknowledgement numbers follow."""
        for packet in self._wire.packets(seconds):
            if (packet.protocol, packet.destination, packet.dport) == ("tcp", self.source, self.sport) and wanted(packet):
                self.ack = (packet.seq + len(packet.payload) + bool(packet.flags & SYN) + bool(packet.flags & FIN)) % 2**32
                return packet
        return None

    def connect(self, syn_options=b"", ack_options=b""):
        """The handshake; gives the SYN-ACK."""
        self.send(SYN, syn_options)
        answer = self.receive(wanted=lambda packet: packet.flags & SYN)
        if answer is None:
            raise TimeoutError(f"no SYN-ACK from {self.destination} port {self.dport}")
        self.send(ACK, ack_options)
        return answer
