"""Idle connections by the million, without sockets at either end: see load/hold.c."""

import json
import os
import select
import subprocess

from comparison import placement, plan
from comparison.checks import WrongAnswer
from comparison.rig import LOAD
from topology.process import wait_until

OPENED_PER_SECOND = 4_000  # slower than that, something is wrong
LOST_SHARE = 0.001
PROBES = 200


def await_tracked(contender, count, seconds=30):
    """Waits until a contender itself says that it has the connections."""
    wait_until(lambda: contender.tracked() >= count * (1 - LOST_SHARE), seconds, f"the load balancer to have {count:,} connections")


class Holder:
    """The client side of held connections. A context manager; the connections are left alone at the end."""

    def __init__(self, rig, contender):
        words = [os.path.join(LOAD, "hold"), "clients", "hold0", plan.HOLDING_CLIENT, contender.address, plan.HELD]
        with rig.client:
            self._process = subprocess.Popen([str(word) for word in placement.pinned(rig.layout, "client", words)], stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)
        rig.on_close(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the program."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)
        self._process.stdin.close()
        self._process.stdout.close()

    def open(self, count):
        """Opens connections; gives the seconds it took."""
        limit = 10 + count / OPENED_PER_SECOND
        answer = self.command(f"open {count} {limit}", limit)
        if answer["established"] < count * (1 - LOST_SHARE):
            raise WrongAnswer(f"of {count:,} connections to hold {answer['established']:,} were established in {answer['seconds']:.0f} s, "
                              f"{answer['reset']:,} reset")
        return answer["seconds"]

    def check(self):
        """That a byte gets through, there and back, on a sample of the connections."""
        answer = self.command(f"probe {PROBES} 5", 5)
        if answer["answered"] < answer["asked"] or answer["asked"] == 0:
            raise WrongAnswer(f"of {answer['asked']} held connections {answer['answered']} still carry data")

    def first_answer(self, existing, seconds):
        """Sends every millisecond until an answer comes, by new connections or on existing ones; see ``await_answer``."""
        self._send(f"{'first' if existing else 'knock'} {seconds}")

    def await_answer(self, seconds):
        """When the answer came, in ns of CLOCK_MONOTONIC."""
        answered = self._receive(seconds)["answered_ns"]
        if answered == 0:
            raise WrongAnswer(f"no packet was forwarded within {seconds} s")
        return answered

    def command(self, line, seconds):
        """One command and its answer."""
        self._send(line)
        return self._receive(seconds)

    def _send(self, line):
        self._process.stdin.write(line + "\n")

    def _receive(self, seconds):
        ready, _, _ = select.select([self._process.stdout], [], [], seconds + 10)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise WrongAnswer(f"the holder of connections said nothing (status {self._process.poll()})")
        return json.loads(line)
