# SPDX-License-Identifier: GPL-2.0-only
"""A TCP client made by hand, so that a test decides about every option of every segment."""
import random
import select
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
NOP, END = b'\x01', b'\x00'
ETHERTYPE = {socket.AF_INET: 0x0800, socket.AF_INET6: 0x86dd}


def ttm(address, port, kind=254):
    """The TTM option of this client."""
    packed = socket.inet_pton(socket.AF_INET6 if ':' in address else socket.AF_INET, address)
    return struct.pack('!BBH', kind, 4 + len(packed), port) + packed


def timestamps(value=1, echo=0):
    return struct.pack('!BBBBII', 1, 1, 8, 10, value, echo)


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class RawConnection:
    def __init__(self, wire, macs, source, destination):
        self.wire = wire
        self.family = socket.AF_INET6 if ':' in source[0] else socket.AF_INET
        self.ethernet = macs[1] + macs[0] + struct.pack('!H', ETHERTYPE[self.family])
        self.source, self.destination = (socket.inet_pton(self.family, end[0]) for end in (source, destination))
        self.ports = (source[1], destination[1])
        self.seq, self.ack = random.getrandbits(32), 0
        self.server_timestamp = 0
        self.open = False

    def send(self, flags, options=b'', data=b'', seq=None, ack=None):
        """Sends one segment as it is told, options not padded: their length must be a multiple of 4."""
        assert len(options) % 4 == 0 and len(options) <= 40
        seq = self.seq if seq is None else seq
        ack = self.ack if ack is None else ack
        tcp = struct.pack('!HHIIBBHHH', *self.ports, seq, ack if flags & ACK else 0, (20 + len(options)) << 2, flags, 65535, 0, 0)
        tcp += options + data
        if self.family == socket.AF_INET:
            pseudo = self.source + self.destination + struct.pack('!HH', 6, len(tcp))
            header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + self.source + self.destination
            header = header[:10] + struct.pack('!H', checksum(header)) + header[12:]
        else:
            pseudo = self.source + self.destination + struct.pack('!II', len(tcp), 6)
            header = struct.pack('!IHBB', 6 << 28, len(tcp), 6, 64) + self.source + self.destination
        tcp = tcp[:16] + struct.pack('!H', checksum(pseudo + tcp)) + tcp[18:]
        self.wire.send(self.ethernet + header + tcp)

    def syn(self, options=b''):
        """Sends a SYN, takes the SYN-ACK and returns its options."""
        self.send(SYN, options)
        flags, seq, _, answered, _ = self.receive(lambda flags: flags & SYN)
        self.seq = (self.seq + 1) & 0xffffffff
        self.ack = (seq + 1) & 0xffffffff
        self.open = True
        at = answered.find(b'\x08\x0a')
        if at >= 0:
            self.server_timestamp, = struct.unpack_from('!I', answered, at + 2)
        return answered

    def handshake(self, options=b'', syn_options=b''):
        self.syn(syn_options)
        self.send(ACK, options)

    def data(self, payload, options=b'', flags=PSH | ACK):
        """Sends payload, and moves on as if it had arrived."""
        self.send(flags, options, payload)
        self.seq = (self.seq + len(payload)) & 0xffffffff

    def receive(self, wanted=lambda flags: True, seconds=5):
        """The next segment of this connection that is wanted: (flags, seq, ack, options, payload)."""
        deadline = time.monotonic() + seconds
        while select.select([self.wire], [], [], max(0, deadline - time.monotonic()))[0]:
            segment = self.parse(self.wire.recv(65600))
            if segment and wanted(segment[0]):
                return segment
        raise TimeoutError('the server sent no such segment')

    def parse(self, frame):
        offset = 34 if self.family == socket.AF_INET else 54
        if frame[12:14] != self.ethernet[12:14] or len(frame) < offset + 20:
            return None
        to_port, = struct.unpack_from('!H', frame, offset + 2)
        if to_port != self.ports[0] or frame[offset - len(self.source):offset] != self.source:
            return None
        seq, ack, length, flags = struct.unpack_from('!IIBB', frame, offset + 4)
        total = struct.unpack_from('!H', frame, 16)[0] + 14 if self.family == socket.AF_INET else len(frame)
        start = offset + (length >> 4) * 4
        return flags, seq, ack, frame[offset + 20:start], frame[start:total]

    def receive_text(self):
        """What the server sends until it closes, acknowledged as it comes."""
        text = b''
        while True:
            flags, seq, _, _, payload = self.receive(seconds=60)
            if flags & RST:
                raise ConnectionResetError('the server reset the connection')
            if seq != self.ack:
                continue
            text += payload
            self.ack = (seq + len(payload) + (1 if flags & FIN else 0)) & 0xffffffff
            if payload or flags & FIN:
                self.send(ACK)
            if flags & FIN:
                return text.decode()

    def reset(self):
        if self.open:
            self.send(RST)
            self.open = False
