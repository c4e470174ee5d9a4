#!/usr/bin/env python3
"""The real servers' test program: python3 peer.py NAME PORT...

TCP, one command a line, answers end with a line feed:

    who             NAME ADDRESS PORT TTM   the client as getpeername() says, and as getsockopt(1345) says ("none")
    send N          N bytes of the pattern
    trickle N RATE  the same, RATE bytes a second
    take N          reads N bytes, answers with their SHA-256
    drain N         reads to the end of the client's data, answers with "SHA-256 LENGTH", sends N bytes of the pattern, closes
    close           closes first, and so keeps TIME_WAIT
    reset           ends with an RST
    label WORD      names the connection for "fate"; no answer
    fate WORD       how the connection with that label ended: open, eof, reset or timeout

UDP: answers every datagram with "NAME|" and the same bytes.
"""

import asyncio
import hashlib
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from topology.pattern import pattern  # noqa: E402

TTM_SO_GET_PEER = 1345
CHUNK = 1 << 16


def ttm_client(connection):
    """The client that the TTM option named: "ADDRESS PORT", or "none"."""
    try:
        answer = connection.getsockopt(socket.IPPROTO_IP, TTM_SO_GET_PEER, 20)
    except OSError:
        return "none"
    family, port = struct.unpack("=H", answer[:2])[0], struct.unpack("!H", answer[2:4])[0]
    length = 4 if family == socket.AF_INET else 16
    return f"{socket.inet_ntop(family, answer[4:4 + length])} {port}"


class Conversation:
    """One TCP connection."""

    def __init__(self, name, fates, reader, writer):
        self.name = name
        self.fates = fates
        self.reader = reader
        self.writer = writer
        self.socket = writer.get_extra_info("socket")
        self.word = None

    async def run(self):
        fate = "eof"
        try:
            fate = await self._answer_commands()
        except ConnectionResetError:
            fate = "reset"
        except (TimeoutError, BrokenPipeError, asyncio.IncompleteReadError):
            fate = "timeout"
        finally:
            self.fates[self.word] = fate
            self.writer.close()

    async def _answer_commands(self):
        while line := await self.reader.readline():
            word, *arguments = line.decode().split()
            if word == "close":
                return "eof"
            if word == "reset":
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.writer.transport.abort()
                return "reset"
            if await getattr(self, word)(*arguments) == "end":
                return "eof"
        return "eof"

    async def say(self, text):
        self.writer.write((text + "\n").encode())
        await self.writer.drain()

    async def who(self):
        address, port = self.writer.get_extra_info("peername")[:2]
        await self.say(f"{self.name} {address} {port} {ttm_client(self.socket)}")

    async def send(self, length):
        for start in range(0, int(length), CHUNK):
            self.writer.write(pattern(start, min(CHUNK, int(length) - start)))
            await self.writer.drain()

    async def trickle(self, length, rate):
        step = max(1, int(rate) // 50)
        for start in range(0, int(length), step):
            self.writer.write(pattern(start, min(step, int(length) - start)))
            await self.writer.drain()
            await asyncio.sleep(1 / 50)

    async def take(self, length):
        digest, left = hashlib.sha256(), int(length)
        while left > 0:
            data = await self.reader.read(min(CHUNK, left))
            if not data:
                raise asyncio.IncompleteReadError(b"", left)
            digest.update(data)
            left -= len(data)
        await self.say(digest.hexdigest())

    async def drain(self, length):
        digest, count = hashlib.sha256(), 0
        while data := await self.reader.read(CHUNK):
            digest.update(data)
            count += len(data)
        await self.say(f"{digest.hexdigest()} {count}")
        await self.send(length)
        return "end"

    async def label(self, word):
        self.word = word
        self.fates[word] = "open"

    async def fate(self, word):
        await self.say(self.fates.get(word, "unknown"))


class Datagrams(asyncio.DatagramProtocol):
    """Answers with the name and the same bytes."""

    def __init__(self, name):
        self.name = name
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(self.name.encode() + b"|" + data, addr)


def listening_socket(family, kind, port):
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    return listener


async def main(name, ports):
    fates = {}
    loop = asyncio.get_running_loop()
    for port in ports:
        for family in (socket.AF_INET, socket.AF_INET6):
            await asyncio.start_server(lambda r, w: Conversation(name, fates, r, w).run(),
                                       sock=listening_socket(family, socket.SOCK_STREAM, port), backlog=4096)
            await loop.create_datagram_endpoint(lambda: Datagrams(name), sock=listening_socket(family, socket.SOCK_DGRAM, port))
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))
