"""Which core does what.

placed     clients and servers on core 0; the load balancer's process and all receiving at its interfaces on core 1. What
           core 1 is busy with is then what load balancing costs.
natural    nothing is told to be anywhere: out of the box.
"""

import contextlib
import os

from comparison.plan import BALANCER_CORE, LOAD_CORE
from topology.namespace import command

PLACED, NATURAL = "placed", "natural"


def core_of(role):
    """The core of a namespace's programs and packets when placed."""
    return BALANCER_CORE if role == "lb" else LOAD_CORE


def pinned(layout, role, words):
    """A command, made to run where the layout has it."""
    return ["taskset", "-c", core_of(role), *words] if layout == PLACED else list(words)


def place_interface(layout, namespace, interface):
    """Has an interface's packets received on the core of its namespace (RPS)."""
    if layout == PLACED:
        _write(namespace, f"/sys/class/net/{interface}/queues/rx-0/rps_cpus", f"{1 << core_of(namespace.role):x}")


def place_polling(layout, namespace, interfaces):
    """Where a load balancer switched GRO or XDP on, veth polls (NAPI) on the sender's core: this gives the polling to threads, and
    those to the core of the namespace. Nothing happens where nothing is polled.
    """
    if layout != PLACED:
        return
    for interface in interfaces:
        with contextlib.suppress(RuntimeError):  # it says "not supported" where there is no NAPI
            _write(namespace, f"/sys/class/net/{interface}/threaded", "1")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                name = file.read()
            if any(name.startswith(f"napi/{interface}-") for interface in interfaces):
                os.sched_setaffinity(int(pid), {core_of(namespace.role)})


def _write(namespace, path, value):
    # /sys shows the interfaces of the namespace it was mounted in: "ip netns exec" mounts it anew.
    command("ip", "netns", "exec", namespace.name, "sh", "-c", 'printf %s "$1" >"$0"', path, value)
