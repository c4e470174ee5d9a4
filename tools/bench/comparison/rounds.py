"""The run itself: stages, rounds, contenders in turn, works."""

import subprocess
import time
from dataclasses import dataclass

from comparison import plan
from comparison.accounting import Window
from comparison.balancers import CONTENDERS
from comparison.checks import Overload, WrongAnswer, await_service, check, check_echo
from comparison.figures import Measurement
from comparison.held import Holder, await_tracked
from comparison.rig import Rig
from comparison.works import WORKS, Task

DISTURBED_SHARE = 0.20      # of a core, taken by others
QUIET_SECONDS = 20          # how long a repetition waits for others to be quiet
ROOM_BESIDE = 500_000       # in the table, for what comes and goes beside the held connections
FAILURES = (WrongAnswer, OSError, RuntimeError, TimeoutError, subprocess.SubprocessError, ValueError, KeyError)


@dataclass(frozen=True)
class Effort:
    """How much of everything."""

    rounds: int
    seconds: int
    warm_up_seconds: int
    rates: list
    use_disturbed: bool
    repeat: bool = True     # what was disturbed


class Run:
    """Does the works of stages with contenders and fills Results."""

    def __init__(self, contenders, groups, effort, results):
        self._contenders = contenders
        self._works = {work.name: work for work in WORKS if work.group in groups}
        self._effort = effort
        self._results = results

    def stage(self, stage):
        """All rounds of a stage."""
        works = [self._works[name] for name in stage.works if name in self._works]
        contenders = [name for name in self._contenders if self._takes_part(name, stage)]
        if not works or not contenders:
            return
        try:
            self._rounds(stage, contenders, works)
        except FAILURES as error:
            # Not the fault of a contender; other stages may do better.
            self._results.add(Measurement(stage.name, 0, contenders[0], "topology", {}, {}, error=f"{type(error).__name__}: {error}".strip()))

    def _rounds(self, stage, contenders, works):
        with Rig(stage.layout, stage.offloads) as rig:
            for number in range(self._effort.rounds):
                shift = number % len(contenders)
                for name in contenders[shift:] + contenders[:shift]:
                    print(f"{stage.name}, round {number + 1} of {self._effort.rounds}: {name}", flush=True)
                    _Bout(self._effort, self._results, rig, stage, number, name).run(works)

    def _takes_part(self, name, stage):
        count, reason = CONTENDERS[name].held_of(stage.held)
        if reason:
            self._results.note(f"{name} with {stage.held:,} held connections: {'not tried, ' if count is None else ''}{reason}")
        return count is not None


class _Bout:
    """One contender in one round."""

    def __init__(self, effort, results, rig, stage, number, name):
        self._effort = effort
        self._results = results
        self._rig = rig
        self._stage = stage
        self._number = number
        self._name = name
        self._contender = None
        self._holder = None

    def run(self, works):
        """From the empty namespace to the last figure; what goes wrong becomes a measurement with an error."""
        try:
            self._rig.fresh_balancer()
            self._contender = CONTENDERS[self._name](self._rig, max(1_000_000, self._stage.held + ROOM_BESIDE))
            self._contender.start()
            self._rig.place_polling()
            await_service(self._rig, self._contender)
            check(self._rig, self._contender)
            self._hold()
            self._warm_up()
            for work in works:
                if work.possible(self._contender):
                    self._measure(work)
            if self._holder:
                self._holder.check()
        except FAILURES as error:
            self._fail("all", error)
        finally:
            self._end()

    def _end(self):
        try:
            if self._holder:
                self._holder.close()
            if self._contender:
                self._contender.stop()
        except FAILURES as error:
            self._fail("end", error)

    def _hold(self):
        count, _ = self._contender.held_of(self._stage.held)
        if count == 0:
            return
        self._holder = Holder(self._rig, self._contender)
        seconds = self._holder.open(count)
        await_tracked(self._contender, count)
        self._holder.check()
        print(f"    {count:,} connections opened in {seconds:.1f} s", flush=True)

    def _warm_up(self):
        # The compiler of the JVM has to have seen established and new connections before anything is measured; for all alike.
        for header in ("Connection: keep-alive", "Connection: close"):
            self._rig.run_client("wrk", "-t", 1, "-c", 32, "-d", f"{self._effort.warm_up_seconds}s", "-H", header,
                                 f"http://{self._contender.address}:{plan.HTTP}/1k", timeout=self._effort.warm_up_seconds + 30)
        self._rig.place_polling()

    def _measure(self, work):
        """Once, and once more if it was disturbed."""
        for attempt in ("first", "second"):
            try:
                measurement = self._attempt(work)
            except FAILURES as error:
                self._fail(work.name, error)
                return
            self._results.add(measurement)
            if not measurement.disturbed or self._effort.use_disturbed:
                return
            print(f"    {work.name}: disturbed ({measurement.window['foreign']:.0%} of a core by others)", flush=True)
            if not self._effort.repeat:
                return
            if attempt == "first":
                self._await_quiet()

    def _attempt(self, work):
        window = Window()
        values, too_much = {}, None
        try:
            values = work.do(Task(self._rig, self._contender, self._effort.seconds, self._effort.rates))
        except Overload as overload:
            too_much = overload
        disturbed = window.close().disturbance() > DISTURBED_SHARE
        check_echo(self._rig, self._contender)
        if too_much and (self._effort.use_disturbed or not disturbed):
            self._results.note(f"{self._stage.name}, round {self._number + 1}, {self._name}, {work.name}: too much for it, {too_much}")
        if values and work.cost:
            values[work.cost] = window.busy[plan.BALANCER_CORE] / values.pop(None) * work.per_unit
        return Measurement(self._stage.name, self._number, self._name, work.name, values, window.summary(), disturbed)

    def _fail(self, work, error):
        text = f"{type(error).__name__}: {error}".strip()
        print(f"    {work} FAILED: {text}", flush=True)
        self._results.add(Measurement(self._stage.name, self._number, self._name, work, {}, {}, error=text))

    @staticmethod
    def _await_quiet():
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            window = Window()
            time.sleep(0.5)
            if window.close().disturbance() < DISTURBED_SHARE:
                return
