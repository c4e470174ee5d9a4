"""What contenders are asked to do, and the figures that come of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from comparison import ladder, plan
from comparison.checks import Overload, WrongAnswer, check_iperf

HTTP_CONNECTIONS = 32
# Loads that every contender bears on a small machine, and high enough that waking up is not all there is to their cost.
HTTP_RATE, CONNECTION_RATE, DATAGRAM_RATE = 30_000, 5_000, 100_000
BULK_GIGABITS, BULK_GIGABITS_OFFLOADS_OFF = 4, 1
MISSED_SHARE = 0.05  # of a given load: with more of it missing it was not the same load


@dataclass(frozen=True)
class Figure:
    """A number that a work gives. ``lower``: less is better."""

    name: str
    unit: str
    lower: bool = False
    digits: int = 1


@dataclass(frozen=True)
class Task:
    """What a work gets: where, with whom, how long."""

    rig: object
    contender: object
    seconds: float
    rates: list


@dataclass(frozen=True)
class Work:
    """``do(task)`` gives a dict by names of figures. With ``cost`` it also gives the units of work done as None's value, and the
    figure named by ``cost`` is the busy time of the load balancer's core divided by them, in seconds times ``per_unit``.
    """

    name: str
    group: str
    title: str
    do: Callable
    figures: tuple
    cost: str | None = None
    per_unit: float = 1e6

    def possible(self, contender):
        """Whether a contender does this at all."""
        return contender.udp or self.group != "udp"


def _bulk(streams):
    def do(task):
        report = _iperf(task, "-P", streams)
        return {f"bulk{streams}": report["end"]["sum_received"]["bits_per_second"] / 1e9}
    return do


def _bulk_cost(task):
    gigabits = BULK_GIGABITS if task.rig.offloads else BULK_GIGABITS_OFFLOADS_OFF
    report = _iperf(task, "-P", 1, "-b", f"{gigabits}G")
    _check_load(report["end"]["sum_received"]["bits_per_second"] / 1e9, gigabits, "Gb/s")
    return {None: report["end"]["sum_received"]["bytes"] / 1000}


def _iperf(task, *words):
    # -R: from the server to the client, as most traffic is.
    words = ["iperf3", "-c", task.contender.address, "-p", plan.BULK, "-R", "-J", "-t", task.seconds, *words]
    return check_iperf(task.rig.run_client(*words, timeout=task.seconds + 30))


def _http(task):
    printed = task.rig.run_client("wrk", "--latency", "-t", 1, "-c", HTTP_CONNECTIONS, "-d", f"{task.seconds}s",
                                  f"http://{task.contender.address}/1k", timeout=task.seconds + 30)
    return {"http": parse_wrk(printed)["rate"], **{f"http-{name}": parse_wrk(printed)[name] for name in ("p50", "p99")}}


def _connections(task):
    printed = task.rig.run_client("wrk", "-t", 1, "-c", HTTP_CONNECTIONS, "-d", f"{task.seconds}s", "-H", "Connection: close",
                                  f"http://{task.contender.address}/1k", timeout=task.seconds + 30)
    return {"connections": parse_wrk(printed)["rate"]}


def parse_wrk(text):
    """Requests a second and latencies in us of what wrk printed; raises WrongAnswer when it met errors."""
    for complaint in ("Socket errors", "Non-2xx"):
        if complaint in text:
            raise WrongAnswer("wrk: " + next(line.strip() for line in text.splitlines() if complaint in line))
    factors = {"us": 1, "ms": 1e3, "s": 1e6}
    found = {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))}
    for name, share in (("p50", "50%"), ("p99", "99%")):
        match = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s)\s*$", text, re.MULTILINE)
        if match:
            found[name] = float(match.group(1)) * factors[match.group(2)]
    return found


def _at_rate(rate, mode, prefix):
    def do(task):
        printed = task.rig.load("http", task.contender.address, plan.HTTP, "/1k", rate, task.seconds, HTTP_CONNECTIONS, mode,
                                timeout=task.seconds + 30)
        answer = json.loads(printed)
        _check_load(answer["requests"], answer["requests"] + answer["late"], "requests")
        return {None: answer["requests"], f"{prefix}-p50": answer["p50_us"], f"{prefix}-p99": answer["p99_us"]}
    return do


def _check_load(done, given, what):
    if done < given * (1 - MISSED_SHARE):
        digits = 0 if given >= 100 else 1
        raise Overload(f"{done:,.{digits}f} of {given:,.{digits}f} {what} were done in time")


def _datagrams(task):
    with ladder.Sink(task.rig, task.contender) as sink:
        best, peak, limited = ladder.climb(task.rates, lambda rate: sink.attempt(rate, min(0.7, task.seconds)))
    if best == 0:
        raise Overload(f"more than 1 % lost at {task.rates[0]:,} datagrams a second already")
    return {"datagrams": best / 1000, "datagrams-peak": peak / 1000, "datagrams-generator-limit": float(limited)}


def _datagrams_cost(task):
    with ladder.Sink(task.rig, task.contender) as sink:
        rung = sink.attempt(DATAGRAM_RATE, task.seconds)
    _check_load(rung.arrived, DATAGRAM_RATE * rung.seconds, "datagrams")
    return {None: rung.arrived}


def _roundtrip(task):
    answer = json.loads(task.rig.load("roundtrip", task.contender.address, plan.ECHO, task.seconds, timeout=task.seconds + 30))
    return {"rr-p50": answer["p50_us"], "rr-p99": answer["p99_us"], "rr-p999": answer["p999_us"]}


def _latencies(prefix, *names):
    labels = {"p50": "p50", "p99": "p99", "p999": "p99.9"}
    return tuple(Figure(f"{prefix}-{name}", f"us {labels[name]}", True) for name in names)


# In the order in which they are done: what leaves connections behind comes last.
WORKS = [
    Work("rr", "rr", "one byte there and back", _roundtrip, _latencies("rr", "p50", "p99", "p999")),
    Work("http-cost", "http", f"HTTP keep-alive, {HTTP_RATE:,} requests/s", _at_rate(HTTP_RATE, "keep", "http-cost"),
         (Figure("http-cost", "us of LB core/request", True, 2), *_latencies("http-cost", "p50", "p99")), cost="http-cost"),
    Work("http", "http", "HTTP keep-alive, as fast as it goes", _http, (Figure("http", "requests/s", digits=0), *_latencies("http", "p50", "p99"))),
    Work("bulk-cost", "bulk", f"TCP, 1 stream of {BULK_GIGABITS} Gb/s ({BULK_GIGABITS_OFFLOADS_OFF} without offloads)", _bulk_cost,
         (Figure("bulk-cost", "ns of LB core/KB", True),), cost="bulk-cost", per_unit=1e9),
    Work("bulk1", "bulk", "TCP, 1 stream", _bulk(1), (Figure("bulk1", "Gb/s", digits=2),)),
    Work("bulk8", "bulk", "TCP, 8 streams", _bulk(8), (Figure("bulk8", "Gb/s", digits=2),)),
    Work("datagrams-cost", "udp", f"UDP, 18 bytes, {DATAGRAM_RATE:,} datagrams/s", _datagrams_cost,
         (Figure("datagrams-cost", "ns of LB core/datagram", True, 0),), cost="datagrams-cost", per_unit=1e9),
    Work("datagrams", "udp", "UDP, 18 bytes, <= 1 % lost", _datagrams, (Figure("datagrams", "thousand/s", digits=0),)),
    Work("connections-cost", "connections", f"new connections, {CONNECTION_RATE:,}/s",
         _at_rate(CONNECTION_RATE, "close", "connections-cost"),
         (Figure("connections-cost", "us of LB core/connection", True), *_latencies("connections-cost", "p50", "p99")),
         cost="connections-cost"),
    Work("connections", "connections", "new connections, as fast as it goes", _connections, (Figure("connections", "connections/s", digits=0),)),
]
FIGURES = {figure.name: figure for work in WORKS for figure in work.figures}
GROUPS = sorted({work.group for work in WORKS})
