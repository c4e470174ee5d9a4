"""How many small datagrams a second get through with next to no loss: rates are tried from low to high."""

import json
import time
from dataclasses import dataclass

from comparison import plan
from comparison.checks import WrongAnswer

RATES = [25_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 350_000, 400_000, 450_000, 500_000, 550_000, 600_000, 650_000, 700_000,
         750_000, 800_000, 900_000, 1_000_000, 1_150_000, 1_300_000]
COARSE = [25_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 800_000, 1_000_000, 1_300_000]
ALLOWED_LOSS = 0.01
HELD_RATE = 0.95        # of what it was asked for; else the generator is at its end
FAILURES = 2            # in a row, and higher rates are not tried
PAYLOAD, FLOWS = 18, 16
MOST_WAITS = 50

_SINK = """
table netdev sink {{
  chain arriving {{
    type filter hook ingress device "r0" priority 0;
    udp dport {port} udp length {length} ip saddr {{ {senders} }} counter drop
  }}
}}
"""


@dataclass
class Rung:
    """One rate that was tried."""

    asked: int
    sent: int
    arrived: int
    seconds: float

    @property
    def passed(self):
        """Whether no more was lost than is allowed, and the rate was held."""
        return self.arrived >= self.sent * (1 - ALLOWED_LOSS) and self.rate_held

    @property
    def rate_held(self):
        """Whether the generator sent what it was asked for."""
        return self.sent / self.seconds >= self.asked * HELD_RATE

    @property
    def rate(self):
        """Datagrams a second that arrived."""
        return self.arrived / self.seconds


def climb(rates, attempt):
    """Tries rates in order until FAILURES in a row fail or the generator is at its end.

    ``attempt(rate)`` gives a Rung. Gives the best rate that passed (0 if none), the highest that arrived at all, and whether it was the
    generator that ended it.
    """
    best = peak = 0.0
    failures = 0
    for rate in rates:
        rung = attempt(rate)
        peak = max(peak, rung.rate)
        if rung.passed:
            best, failures = rung.rate, 0
            continue
        if not rung.rate_held and rung.arrived >= rung.sent * (1 - ALLOWED_LOSS):
            return best, peak, True
        failures += 1
        if failures == FAILURES:
            break
    return best, peak, False


class Sink:
    """Counts and drops what arrives at the servers: of the right length, from one who may send it. A context manager."""

    def __init__(self, rig, contender):
        self._rig = rig
        self._contender = contender

    def __enter__(self):
        self._rig.server.run("nft", "-f", "-", stdin=_SINK.format(port=plan.SINK, length=PAYLOAD + 8,
                                                                  senders=", ".join(sorted(self._contender.seen_as))))
        return self

    def __exit__(self, *_):
        self._rig.server.run("nft", "delete", "table", "netdev", "sink")

    def attempt(self, rate, seconds):
        """Sends at a rate; gives a Rung."""
        before = self._settled()
        printed = self._rig.load("datagrams", self._contender.address, plan.SINK, rate, seconds, PAYLOAD, FLOWS, timeout=seconds + 30)
        sent = json.loads(printed)
        arrived = self._settled() - before
        if arrived > sent["sent"]:
            raise WrongAnswer(f"{arrived:,} datagrams arrived of {sent['sent']:,}")
        return Rung(rate, sent["sent"], arrived, sent["seconds"])

    def _settled(self):
        """How many arrived, once nothing comes any more from queues on the way: it would count for the next rate."""
        count = self._arrived()
        for _ in range(MOST_WAITS):
            time.sleep(0.1)
            last, count = count, self._arrived()
            if count == last:
                return count
        raise WrongAnswer("datagrams keep arriving that nobody sends")

    def _arrived(self):
        rules = json.loads(self._rig.server.run("nft", "-j", "list", "table", "netdev", "sink"))["nftables"]
        return next(part["counter"]["packets"] for entry in rules if "rule" in entry for part in entry["rule"]["expr"] if "counter" in part)
