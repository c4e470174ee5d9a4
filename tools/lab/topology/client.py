"""What a client does: talk to the test program through the load balancer."""

import contextlib
import hashlib
import socket

from topology.pattern import pattern
from topology.servers import PEER_PORT

CHUNK = 1 << 16


class Client:
    """A TCP connection to the test program (peer.py), opened from a namespace."""

    def __init__(self, namespace, address, port=PEER_PORT, source=None, timeout=20):
        self.socket = open_socket(namespace, address, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if source:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(source)
        try:
            self.socket.connect((address, port))
        except BaseException:
            self.socket.close()
            raise
        self.local = self.socket.getsockname()[:2]
        self._lines = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes, quietly."""
        with contextlib.suppress(OSError):
            self._lines.close()
            self.socket.close()

    def command(self, line):
        """Sends a command."""
        self.socket.sendall(line.encode() + b"\n")

    def ask(self, line):
        """Sends a command and gives the words of the answering line."""
        self.command(line)
        return self.read_line()

    def read_line(self):
        """The words of the next line; ConnectionError at the end of the stream."""
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the server closed the connection")
        return line.decode().split()

    def read_digest(self, length):
        """Reads exactly ``length`` bytes; gives their SHA-256."""
        digest, left = hashlib.sha256(), length
        while left > 0:
            data = self._lines.read1(min(CHUNK, left))
            if not data:
                raise ConnectionError(f"the server closed the connection, {left} of {length} bytes missing")
            digest.update(data)
            left -= len(data)
        return digest.hexdigest()

    def read_to_end(self):
        """Reads to the end of the stream; gives SHA-256 and length."""
        digest, count = hashlib.sha256(), 0
        while data := self._lines.read1(CHUNK):
            digest.update(data)
            count += len(data)
        return digest.hexdigest(), count

    def write_pattern(self, length):
        """Sends the first ``length`` bytes of the pattern."""
        for start in range(0, length, CHUNK):
            self.socket.sendall(pattern(start, min(CHUNK, length - start)))

    def server(self):
        """The name of the real server at the other end."""
        return self.ask("who")[0]

    def download(self, length):
        """Downloads, gives the SHA-256."""
        self.command(f"send {length}")
        return self.read_digest(length)

    def upload(self, length):
        """Uploads, gives the SHA-256 of what the server got."""
        self.command(f"take {length}")
        self.write_pattern(length)
        return self.read_line()[0]


def family_of(address):
    """AF_INET or AF_INET6."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def open_socket(namespace, address, kind):
    """A socket of the address's family, in the namespace."""
    with namespace:
        return socket.socket(family_of(address), kind)


def exchange_datagram(namespace, address, port, data, timeout=5, tries=3):
    """Sends a datagram and gives the answer; tries again when it is lost."""
    with open_socket(namespace, address, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout / tries)
        sock.connect((address, port))
        for attempt in range(tries):
            sock.send(data)
            with contextlib.suppress(TimeoutError if attempt < tries - 1 else ()):
                return sock.recv(65536)
    raise AssertionError("unreachable")
