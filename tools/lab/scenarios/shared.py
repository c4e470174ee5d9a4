"""The lab that scenarios share, and what they have in common."""

import unittest

from topology import config, plan
from topology.carrier import Carrier
from topology.client import Client, exchange_datagram
from topology.lab import Lab
from topology.process import wait_until
from topology.servers import RealServer
from topology.sluice import Sluice

# What a VIP is called in messages: family of the client, family of the real server.
FAMILIES = {"4to4": plan.VIP_IPV4, "6to4": plan.VIP_6TO4, "6to6": plan.VIP_IPV6}


class SharedLab:
    """Built when the first scenario needs it; the runner closes it."""

    kind = Sluice
    _instance = None

    def __init__(self, one_arm=False, queues=1, change=lambda settings: None):
        """``change`` is given Sluice's configuration before it starts."""
        self.lab = Lab(one_arm, queues)
        self.lab.__enter__()
        try:
            self.cgroup = Carrier(self.lab).cgroup if self.kind is Sluice else None
            self.servers = {role: self._server(role) for role in plan.SERVERS_IPV4}
            self.balancer = self.kind(self.lab, change) if self.kind is Sluice else self.kind(self.lab)
            self.balancer.start()
            self.wait_until_served()
        except BaseException:
            self.lab.close()
            raise

    @classmethod
    def get(cls):
        """The one that scenarios share."""
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @classmethod
    def close_all(cls):
        """Ends it."""
        if cls._instance is not None:
            cls._instance.lab.close()
            cls._instance = None

    def wait_until_served(self):
        """The first packets of a fresh lab go into resolving neighbours."""
        for vip in FAMILIES.values():
            if self.kind is Sluice or vip != plan.VIP_6TO4:
                wait_until(lambda vip=vip: self._served(vip), 20, f"{vip} to be served")

    def _served(self, vip):
        try:
            with Client(self.lab.client, vip, timeout=3) as client:
                client.server()
            return exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x", timeout=1)
        except OSError:
            return False

    def _server(self, role):
        server = RealServer(self.lab, role, self.cgroup)
        server.start_nginx()
        server.peer = server.start_peer()
        return server


class Scenario(unittest.TestCase):
    """A scenario in the shared lab. The daemon has to survive it."""

    @classmethod
    def setUpClass(cls):
        cls.shared = SharedLab.get()
        cls.lab = cls.shared.lab
        cls.balancer = cls.shared.balancer

    def tearDown(self):
        if isinstance(self.balancer, Sluice):
            ended = self.balancer.process.ended()
            if ended is not None:
                printed = self.balancer.process.output()
                self.balancer.restart()
                self.fail(f"the daemon ended with status {ended}; it printed:\n{printed}")

    def need_sluice(self):
        """For what only Sluice does."""
        if not isinstance(self.balancer, Sluice):
            self.skipTest(f"{self.balancer.name} has no such thing")

    def need_jumbo_frames(self):
        """For packets that do not fit into the frames of AF_XDP."""
        if isinstance(self.balancer, Sluice) and self.balancer.settings["dataplane"].get("port") == "af_xdp":
            self.skipTest("an AF_XDP port refuses an MTU that its frames cannot hold")

    def families(self, *names):
        """Runs the block for each family pair, as a sub-test: ``for name, vip in self.families():``."""
        for name in names or FAMILIES:
            if isinstance(self.balancer, Sluice) or name != "6to4":
                yield name, FAMILIES[name]

    def client(self, vip, port=config.PEER, **options):
        """A connection from the client's namespace, closed with the test."""
        client = Client(options.pop("namespace", self.lab.client), vip, port, **options)
        self.addCleanup(client.close)
        return client

    def assert_refused_silently(self, vip, port, seconds=1.5):
        """A connection attempt gets no answer."""
        with self.assertRaises(TimeoutError, msg=f"{vip} port {port} answered"):
            self.client(vip, port, timeout=seconds)

    def assert_served(self, vip, port=config.PEER, **options):
        """A new connection works."""
        with Client(self.lab.client, vip, port, **options) as client:
            return client.server()

    def dropped(self, reason):
        """Counts from now on how often a reason is given: call it, or ``wait`` for it."""
        return _DropCount(self.balancer, reason)


class _DropCount:
    def __init__(self, balancer, reason):
        self._balancer, self._reason = balancer, reason
        self._before = balancer.drops()[reason]

    def __call__(self):
        return self._balancer.drops()[self._reason] - self._before

    def wait(self, count=1, seconds=5):
        """Waits until it was given so often."""
        wait_until(lambda: self() >= count, seconds, f"{count} drops for {self._reason}")
