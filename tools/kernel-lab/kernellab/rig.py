"""What a check is given: the lab, the guest, its carrier, and ways to make connections."""

import contextlib
import dataclasses
import itertools
import os
import sys

from topology.client import Client

from kernellab.guest import MAC
from kernellab.probe import PEER_BYTES, Answer
from kernellab.programs import ROOT
from kernellab.wiring import GUEST_IPV4, GUEST_IPV6, HANDMADE_IPV4, PROBE, open_wire

sys.path.insert(0, os.path.join(ROOT, "kmod-ttm", "bpf", "test"))
from raw import PSH, RawConnection  # noqa: E402

CONNECT_SECONDS = 90
_ANSWERS_MOST = 50
_ports = itertools.count(20000)


class HandmadeConnection(RawConnection):
    """With the patience that an emulated machine needs."""

    def receive(self, wanted=lambda flags: True, seconds=CONNECT_SECONDS):
        return super().receive(wanted, seconds)


@dataclasses.dataclass
class Rig:
    """One carrier in one running guest."""

    lab: object
    guest: object
    carrier: object
    connections: int

    def client(self, vip, port=PROBE, source=None, namespace=None):
        """A connection of an ordinary client: through Sluice, or direct to where ``vip`` says."""
        return Client(namespace or self.lab.client, vip, port, source=source, timeout=CONNECT_SECONDS)

    def ask(self, vip, port=PROBE, room=PEER_BYTES, **options):
        """Makes a connection, asks once; gives (answer, the client's own address)."""
        with self.client(vip, port, **options) as client:
            return ask(client, room), client.local

    @contextlib.contextmanager
    def handmade(self, source=HANDMADE_IPV4, port=PROBE):
        """A connection from the guest's own network, each segment of which the check sends itself."""
        wire = open_wire(self.lab)
        destination = GUEST_IPV6 if ":" in source else GUEST_IPV4
        macs = tuple(bytes.fromhex(mac.replace(":", "")) for mac in (self.lab.rs2.mac("eth0"), MAC))
        connection = HandmadeConnection(wire, macs, (source, next(_ports)), (destination, port))
        try:
            yield connection
        finally:
            connection.reset()
            wire.close()

    @contextlib.contextmanager
    def counting(self, **least):
        """Inside the block the carrier's counters grow by at least so much; 0 means by nothing."""
        before = self.carrier.counters()
        yield
        after = self.carrier.counters()
        for name, growth in least.items():
            grown = after[name] - before[name]
            if grown < growth or (growth == 0 and grown > 0):
                raise AssertionError(f"counter {name} grew by {grown} instead of {growth}")

    @contextlib.contextmanager
    def sysctl(self, name, value):
        """Inside the block a setting of the guest's is another one."""
        path = "/proc/sys/net/" + name
        before = self.guest.run(f"cat {path}")
        self.guest.run(f"echo {value} >{path}")
        try:
            yield
        finally:
            self.guest.run(f"echo {before} >{path}")


def ask(client, room=PEER_BYTES):
    """What the guest's program sees of an ordinary client."""
    return Answer.parse(client.ask(f"ask {room}"))


def ask_by_hand(connection, options=b""):
    """The same for a hand-made connection; ``options`` are those of the segment with the question."""
    connection.data(f"ask {PEER_BYTES}\n".encode(), options)
    for _ in range(_ANSWERS_MOST):
        _, seq, _, _, payload = connection.receive(lambda flags: flags & PSH)
        if seq == connection.ack:
            connection.ack = (seq + len(payload)) & 0xffffffff
            return Answer.parse(payload.decode().split())
    raise TimeoutError("no answer to this question")
