"""The lab itself: makes everything, ends everything."""

import atexit
import itertools
import os
import shutil
import signal
import sys
import tempfile

from topology import plan
from topology.namespace import Namespace, connect
from topology.process import Process

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
PREFIX = "slab"  # then the process id: leftovers.py
_numbers = itertools.count(1)


class Lab:
    """Namespaces, links, addresses and routes; a directory for files; the processes started in it.

    A context manager. Whatever happens, leaving it ends the processes and removes the rest, all by the names and process
    ids it knows. Names hold the process id, so labs may run side by side.
    """

    def __init__(self, one_arm=False, queues=1):
        self.one_arm = one_arm
        self.queues = queues
        self.links = plan.ONE_ARM if one_arm else plan.LINKS
        self.name = f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        self.namespaces = {}
        self.directory = None
        self._closers = []

    def __enter__(self):
        end_tidily()
        atexit.register(self.close)
        try:
            base = "/dev/shm" if os.path.ismount("/dev/shm") else None
            self.directory = tempfile.mkdtemp(prefix=f"{self.name}-", dir=base)
            os.chmod(self.directory, 0o755)
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, role):
        try:
            return self.__dict__["namespaces"][role]
        except KeyError:
            raise AttributeError(role) from None

    def path(self, *parts):
        """A file name in the lab's directory."""
        return os.path.join(self.directory, *parts)

    def on_close(self, action):
        """Has ``action`` called when the lab ends, the newest first."""
        self._closers.append(action)

    def start(self, namespace, name, *words, **options):
        """Starts a program in a namespace; it ends with the lab at the latest."""
        process = Process(namespace, name, self.path(name + ".log"), *words, **options)
        self.on_close(process.kill)
        return process

    def close(self):
        """Ends and removes everything; may be called again."""
        while self._closers:
            action = self._closers.pop()
            try:
                action()
            except Exception as error:  # the rest has to be tidied up all the same
                print(f"lab: while tidying up: {error}", file=sys.stderr)
        for namespace in self.namespaces.values():
            namespace.delete()
        self.namespaces.clear()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None
        atexit.unregister(self.close)

    def set_mtu(self, bytes_, *links):
        """Sets the MTU at both ends of links; of all of them when none is named."""
        for link in links or self.links:
            left, left_name, right, right_name = self.links[link]
            for role, interface in ((left, left_name), (right, right_name)):
                self.namespaces[role].ip("link", "set", interface, "mtu", bytes_)
        for namespace in self.namespaces.values():
            namespace.forget_paths()

    def set_offloads(self, on, *links):
        """Switches checksum offload, segmentation and GRO at both ends of links; of all when none is named."""
        state = "on" if on else "off"
        for link in links or self.links:
            left, left_name, right, right_name = self.links[link]
            for role, interface in ((left, left_name), (right, right_name)):
                # GRO is off on a fresh veth.
                self.namespaces[role].run("ethtool", "-K", interface, "tx", state, "tso", state, "gso", state, "gro", "off")

    def make_anew(self, link):
        """Makes a link that was removed once more: other interfaces, with the same names, addresses and routes."""
        left, left_name, right, right_name = self.links[link]
        connect(self.namespaces[left], left_name, self.namespaces[right], right_name, queues=self.queues)
        for role, interface in ((left, left_name), (right, right_name)):
            if role == "switch":
                self._plug_in(interface)
            elif (role, interface) in plan.ADDRESSES:
                self._address(role, interface)
            self._route(role)

    def _build(self):
        for role in plan.NAMESPACES:
            self.namespaces[role] = Namespace(f"{self.name}-{role}", role)
            self._quieten(self.namespaces[role])
        for left, left_name, right, right_name in self.links.values():
            connect(self.namespaces[left], left_name, self.namespaces[right], right_name, queues=self.queues)
        self._build_switch()
        for role, interface in plan.ADDRESSES:
            self._address(role, interface)
        for role in plan.ROUTES:
            self._route(role)
        for role in ("router", "inner"):
            self.namespaces[role].sysctl(ipv4__ip_forward=1, ipv6__conf__all__forwarding=1)

    def _address(self, role, interface):
        for address in plan.ADDRESSES[role, interface]:
            # Only the first address of a network is chosen as source by itself.
            self.namespaces[role].ip("addr", "add", address, "dev", "eth0" if self.one_arm and role == "lb" else interface,
                                     *(["nodad"] if ":" in address else []))

    def _route(self, role):
        for kind, via4, via6 in plan.ROUTES.get(role, ()):
            self.namespaces[role].ip("route", "replace", plan.DEEP_IPV4 if kind == "deep" else "default", "via", via4)
            self.namespaces[role].ip("-6", "route", "replace", plan.DEEP_IPV6 if kind == "deep" else "default", "via", via6)

    def _quieten(self, namespace):
        # No duplicate address detection (seconds of waiting), no limit on the ICMP errors that tests count on.
        namespace.sysctl(ipv6__conf__all__accept_dad=0, ipv6__conf__default__accept_dad=0, ipv6__conf__default__accept_ra=0,
                         ipv6__conf__default__dad_transmits=0, ipv4__icmp_ratelimit=0, ipv6__icmp__ratelimit=0,
                         ipv4__icmp_msgs_per_sec=100000, ipv4__tcp_no_metrics_save=1)

    def _build_switch(self):
        switch = self.namespaces["switch"]
        switch.ip("link", "add", "br0", "mtu", "1500", "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        for left, left_name, right, right_name in self.links.values():
            for role, interface in ((left, left_name), (right, right_name)):
                if role == "switch":
                    self._plug_in(interface)
        switch.ip("link", "set", "br0", "up")

    def _plug_in(self, interface):
        self.namespaces["switch"].ip("link", "set", interface, "master", "br0")


def end_tidily():
    """Makes SIGTERM and a closed terminal leave through the same doors as an exception."""
    def leave(number, _):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
