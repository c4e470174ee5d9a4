"""What the guest's test program says about a connection."""

import dataclasses
import socket
import struct

PEER_BYTES = 20


@dataclasses.dataclass(frozen=True)
class Answer:
    """One answer of guest/server.c. ``client`` is what getsockopt() named: (address, port), or None."""

    accept: tuple
    peer: tuple
    error: int
    length: int
    changed: int
    client: tuple
    raw: bytes

    @classmethod
    def parse(cls, words):
        """From the words of its line."""
        fields = dict(word.split("=", 1) for word in words)
        raw = bytes.fromhex(fields["bytes"])
        error = int(fields["error"])
        return cls(_endpoint(fields["accept"]), _endpoint(fields["peer"]), error, int(fields["length"]), int(fields["changed"]),
                   _client(raw) if error == 0 else None, raw)


def peer_bytes(client):
    """The 20 bytes that name this client."""
    address, port = client
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (struct.pack("=H", family) + struct.pack("!H", port) + socket.inet_pton(family, address)).ljust(PEER_BYTES, b"\0")


def mapped(client):
    """An IPv4 client as a dual-stack socket shows it."""
    return "::ffff:" + client[0], client[1]


def _endpoint(text):
    address, port = text.rsplit(",", 1)
    return address, int(port)


def _client(raw):
    family, = struct.unpack_from("=H", raw)
    port, = struct.unpack_from("!H", raw, 2)
    return socket.inet_ntop(family, raw[4:8] if family == socket.AF_INET else raw[4:]), port
