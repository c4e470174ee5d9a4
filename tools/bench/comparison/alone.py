"""What is measured of Sluice alone: CPU when idle, memory, and the time to the first forwarded packet."""

import contextlib
import dataclasses
import subprocess
import time

from comparison.accounting import Window, thread_seconds
from comparison.balancers import CONTENDERS, is_ours
from comparison.checks import await_service, check
from comparison.figures import Measurement
from comparison.held import Holder, await_tracked
from comparison.memory import memory_of
from comparison.placement import NATURAL
from comparison.rig import Rig
from comparison.rounds import DISTURBED_SHARE, FAILURES

SETTLE_SECONDS = 20         # connections end, compilers finish
IDLE_SECONDS = 10
START_SECONDS = 120         # in vain after that
SMALLEST_TABLE = 1024
MEGABYTE = 1 << 20
_LABELS = {100_000: "100k", 1_000_000: "1m"}


def _idle(node, _counts):
    """Percent of a core when nothing arrives."""
    node.start()
    await_service(node.rig, node)
    check(node.rig, node)
    time.sleep(SETTLE_SECONDS)
    before, start = thread_seconds(node.pid), time.monotonic()
    time.sleep(IDLE_SECONDS)
    yield {"idle": (thread_seconds(node.pid) - before) / (time.monotonic() - start) * 100}


def _memory(node, counts):
    """Bytes for each connection: what the daemon grew by, compared with one that has next to no table."""
    least = None
    for count in (0, *counts):
        with _fresh(node, count + SMALLEST_TABLE) as (daemon, holder):
            daemon.start()
            await_service(daemon.rig, daemon)
            if count:
                holder.open(count)
                await_tracked(daemon, count)
                holder.check()
            memory = memory_of(daemon.pid, daemon.daemon.state)
            least = least or memory
            label = _LABELS.get(count, str(count))
            values = {f"memory-{label}-{name}-MB": bytes_ / MEGABYTE for name, bytes_ in dataclasses.asdict(memory).items()}
            if count:
                values[f"bytes-per-connection-{label}"] = (memory.tables - least.tables) / count
            yield values


def _start(node, counts):
    """Seconds from the start of the process to the first packet that it forwards: of a new connection to an empty node, of an existing
    connection after a clean end and after a kill.
    """
    with _fresh(node, 1_000_000) as (daemon, holder):
        yield {"start-empty": _seconds_to_answer(daemon, holder, existing=False)}
    for count in counts:
        with _fresh(node, count + count // 10) as (daemon, holder):
            label = _LABELS[count]
            daemon.start()
            await_service(daemon.rig, daemon)
            holder.open(count)
            await_tracked(daemon, count)
            # A connection may be in the table of record some seconds later than in the lane's, when so many come at once.
            time.sleep(5)
            began = time.monotonic()
            daemon.stop()
            yield {f"stop-clean-{label}": time.monotonic() - began,
                   f"restart-clean-{label}": _restarted(daemon, holder, count)}
            daemon.daemon.kill()
            yield {f"restart-killed-{label}": _restarted(daemon, holder, count)}


def _restarted(daemon, holder, count):
    seconds = _seconds_to_answer(daemon, holder, existing=True)
    await_service(daemon.rig, daemon)
    await_tracked(daemon, count, START_SECONDS)
    holder.check()
    return seconds


def _seconds_to_answer(daemon, holder, existing):
    holder.first_answer(existing, START_SECONDS)
    began = time.monotonic_ns()  # the clock that load/hold.c reads
    daemon.daemon.launch()
    return (holder.await_answer(START_SECONDS) - began) / 1e9


class _fresh:
    """A node like another one in a namespace of its own, with a table of its own size, and a holder for its connections."""

    def __init__(self, node, room):
        node.rig.fresh_balancer()
        self._node = type(node)(node.rig, room)
        self._holder = Holder(node.rig, node)

    def __enter__(self):
        return self._node, self._holder

    def __exit__(self, *_):
        self._holder.close()
        self._node.stop()


_WORKS = {"idle": _idle, "memory": _memory, "start": _start}
ALONE = list(_WORKS)


def run_alone(names, contenders, quick, effort, results):
    """Fills in the figures of Sluice alone, for each variant among the contenders."""
    counts = (100_000,) if quick else (100_000, 1_000_000)
    for name in names:
        for number in range(effort.rounds):
            for contender in filter(is_ours, contenders):
                print(f"{name}, round {number + 1} of {effort.rounds}: {contender}", flush=True)
                if _round(name, number, contender, counts, results) and effort.repeat and not effort.use_disturbed:
                    print("    disturbed, once more", flush=True)
                    _round(name, number, contender, counts, results)


def _round(name, number, contender, counts, results):
    """Gives whether anything was disturbed."""
    before = results.disturbed()
    with Rig(NATURAL) as rig:
        rig.fresh_balancer()
        node = CONTENDERS[contender](rig)
        _collect(name, number, contender, _WORKS[name](node, counts), results)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it was killed then
            node.stop()
    return results.disturbed() > before


def _collect(name, number, contender, work, results):
    """Each set of figures with the window in which it came about."""
    while True:
        window = Window()
        try:
            values = next(work)
        except StopIteration:
            return
        except FAILURES as error:
            text = f"{type(error).__name__}: {error}".strip()
            print(f"    {name} FAILED: {text}", flush=True)
            results.add(Measurement(name, number, contender, name, {}, {}, error=text))
            return
        window.close()
        results.add(Measurement(name, number, contender, name, values, window.summary(), window.disturbance() > DISTURBED_SHARE))
