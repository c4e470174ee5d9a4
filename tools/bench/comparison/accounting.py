"""Where CPU time went: per core, softirqs, and what belonged to others."""

import os
import time

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_IDLE = ("idle", "iowait", "steal")
KTHREADD = 2


def parse_stat(text):
    """The text of /proc/stat as one dict of seconds for each core."""
    cores = []
    for line in text.splitlines():
        words = line.split()
        if words and words[0].startswith("cpu") and words[0] != "cpu":
            cores.append(dict(zip(_FIELDS, (int(word) * _TICK for word in words[1:]), strict=False)))
    return cores


def parse_softirqs(text, kind="NET_RX"):
    """The counts of one kind from /proc/softirqs, one for each core."""
    for line in text.splitlines():
        words = line.split()
        if words and words[0] == kind + ":":
            return [int(word) for word in words[1:]]
    raise ValueError(f"/proc/softirqs has no line {kind}")


def parse_process(text):
    """Of /proc/PID/stat: the parent, the seconds used, and the seconds of children that it has reaped."""
    words = text[text.rindex(")") + 2:].split()
    return int(words[1]), (int(words[11]) + int(words[12])) * _TICK, (int(words[13]) + int(words[14])) * _TICK


def foreign_seconds(before, after, ours):
    """CPU seconds of processes that are not descendants of ``ours``, between two snapshots {pid: (parent, own, reaped)}.

    Kernel threads are left out: most of what they do here is our traffic. What short-lived processes used is found at the
    parent that reaped them.
    """
    family = _descendants(before, ours) | _descendants(after, ours)
    total = 0.0
    for pid, (parent, own, reaped) in after.items():
        if pid in family or KTHREADD in (pid, parent):
            continue
        _, own_before, reaped_before = before.get(pid, (0, 0.0, 0.0))
        known = sum(entry[1] for child, entry in before.items() if entry[0] == pid and child not in after)
        total += max(0.0, own - own_before) + max(0.0, reaped - reaped_before - known)
    return total


def _descendants(snapshot, root):
    found = {root}
    grown = True
    while grown:
        more = {pid for pid, entry in snapshot.items() if entry[0] in found} - found
        found |= more
        grown = bool(more)
    return found


def processes():
    """A snapshot of every process."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found[int(pid)] = parse_process(_read(f"/proc/{pid}/stat"))
        except OSError:
            continue
    return found


def thread_seconds(pid):
    """CPU seconds of a process, more exactly than ticks."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            total += int(_read(f"/proc/{pid}/task/{task}/schedstat").split()[0])
        except OSError:
            continue
    return total / 1e9


def busy_seconds(elapsed, delta):
    """What a core was busy for, of ``elapsed`` seconds in which the fields of /proc/stat grew by ``delta``.

    Not the sum of the busy fields: those count clock ticks, and a core that sleeps between packets has its tick switched off, so
    that work done by interrupts out of idleness, which is all there is to kernel forwarding, is hardly seen (six times too little,
    measured). Idle time is taken from the clock.
    """
    return max(0.0, elapsed - sum(delta[name] for name in _IDLE))


class Window:
    """A stretch of time, from its construction to ``close()``; then: seconds, and for each core busy and steal seconds and
    the NET_RX softirqs; and the CPU seconds of others.
    """

    def __init__(self):
        self._processes = processes()
        self._softirqs = parse_softirqs(_read("/proc/softirqs"))
        self._start, self._stat = time.monotonic(), parse_stat(_read("/proc/stat"))
        self.seconds = self.foreign = 0.0
        self.busy, self.steal, self.receive_softirqs = [], [], []

    def close(self):
        """Ends it; gives itself."""
        end, stat = time.monotonic(), parse_stat(_read("/proc/stat"))
        softirqs = parse_softirqs(_read("/proc/softirqs"))
        self.seconds = end - self._start
        for before, after in zip(self._stat, stat, strict=True):
            delta = {name: after[name] - before[name] for name in _FIELDS}
            self.busy.append(busy_seconds(self.seconds, delta))
            self.steal.append(delta["steal"])
        # The kernel's table has a column for each possible core, present or not.
        self.receive_softirqs = [after - before for before, after in zip(self._softirqs, softirqs, strict=True)][:len(stat)]
        self.foreign = foreign_seconds(self._processes, processes(), os.getpid())
        return self

    def disturbance(self):
        """What others took of a core: processes that are not ours, and the hypervisor."""
        return (self.foreign + sum(self.steal)) / self.seconds

    def summary(self):
        """What goes into the record: shares of a core."""
        return {
            "seconds": round(self.seconds, 3),
            "busy": [round(busy / self.seconds, 4) for busy in self.busy],
            "steal": round(sum(self.steal) / self.seconds, 4),
            "foreign": round(self.foreign / self.seconds, 4),
            "receiveSoftirqs": self.receive_softirqs,
        }


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
