"""The TTM carrier on the lab's real servers: the eBPF programs, attached to a cgroup of the lab's own."""

import os

from topology import plan
from topology.lab import ROOT
from topology.namespace import command
from topology.process import wait_until

TTMCTL = os.path.join(ROOT, "kmod-ttm", "bpf", "build", "ttmctl")


class Carrier:
    """Attached while the lab lives. Only processes started in ``cgroup`` see clients, only the lab's local addresses are believed."""

    def __init__(self, lab):
        self.cgroup = os.path.join(_cgroup2(lab), f"{lab.name}-servers")
        self._pin = lab.path("bpf")
        os.mkdir(self.cgroup)
        lab.on_close(self._remove_cgroup)
        os.mkdir(self._pin)
        command("mount", "-t", "bpf", "bpffs", self._pin)
        lab.on_close(lambda: command("umount", self._pin))
        pin = os.path.join(self._pin, "ttm")
        command(TTMCTL, "attach", "--cgroup", self.cgroup, "--pin", pin, plan.LOCAL_IPV4, plan.LOCAL_IPV6,
                plan.NARROW_IPV4, plan.NARROW_IPV6)
        lab.on_close(lambda: command(TTMCTL, "detach", "--pin", pin))

    def _remove_cgroup(self):
        def empty():
            with open(os.path.join(self.cgroup, "cgroup.procs"), encoding="ascii") as processes:
                return not processes.read()
        wait_until(empty, 10, f"the processes in {self.cgroup} to be gone")
        os.rmdir(self.cgroup)


def _cgroup2(lab):
    with open("/proc/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            _, directory, kind, *_ = line.split()
            if kind == "cgroup2":
                return directory
    directory = lab.path("cgroup2")
    os.mkdir(directory)
    command("mount", "-t", "cgroup2", "none", directory)
    lab.on_close(lambda: command("umount", directory))
    return directory
