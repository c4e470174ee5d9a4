"""A network namespace, and the calling thread inside it."""

import contextlib
import ctypes
import os
import subprocess

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def command(*words, check=True, stdin=None, timeout=60):
    """Runs a command where the thread is, and gives what it printed on standard output.

    Raises RuntimeError with its messages if it fails.
    """
    done = subprocess.run([str(word) for word in words], input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))} failed with status {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def _switch_to(descriptor):
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


class Namespace:
    """A network namespace with its loopback up.

    ``with namespace:`` moves the calling thread into it: sockets opened and programs started there belong to it, and the
    sockets may be used outside afterwards.
    """

    def __init__(self, name, role):
        self.name = name
        self.role = role
        self._before = []
        command("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def __enter__(self):
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        with open(f"/run/netns/{self.name}", "rb") as ours:
            _switch_to(ours.fileno())
        self._before.append(before)
        return self

    def __exit__(self, *_):
        before = self._before.pop()
        _switch_to(before)
        os.close(before)

    def ip(self, *words):
        """``ip`` in this namespace."""
        return command("ip", "-n", self.name, *words)

    def run(self, *words, **options):
        """Runs a command inside and gives what it printed."""
        with self:
            return command(*words, **options)

    def sysctl(self, **settings):
        """Sets net.* values: dots of the name as double underscores."""
        with self:
            for name, value in settings.items():
                with open("/proc/sys/net/" + name.replace("__", "/"), "w", encoding="ascii") as file:
                    file.write(str(value))

    def forget_paths(self):
        """Forgets learnt path MTUs."""
        self.ip("route", "flush", "cache")
        self.ip("-6", "route", "flush", "cache")

    def mac(self, interface):
        """The link-layer address of an interface."""
        return self.ip("-o", "link", "show", interface).split("link/ether ")[1].split()[0]

    def delete(self):
        """Removes it; what still runs inside is not ended."""
        with contextlib.suppress(RuntimeError):
            command("ip", "netns", "del", self.name)


def connect(left, left_name, right, right_name, mtu=1500, queues=1):
    """Joins two namespaces by a veth pair, both ends up."""
    each = ["mtu", mtu, "numrxqueues", queues, "numtxqueues", queues]
    command("ip", "link", "add", left_name, "netns", left.name, *each, "type", "veth",
            "peer", "name", right_name, "netns", right.name, *each)
    left.ip("link", "set", left_name, "up")
    right.ip("link", "set", right_name, "up")
