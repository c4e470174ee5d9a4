"""AF_XDP ports under a lane of three threads, whatever kind of port the other scenarios run with."""

import unittest

from scenarios.shared import Scenario, SharedLab
from topology import config, plan
from topology.client import exchange_datagram
from topology.namespace import connect
from topology.pattern import pattern_sha256
from topology.process import wait_until
from topology.sluice import Sluice

LENGTH = 8 << 20


class AfXdp(Scenario):
    """What makes this port different: the kernel's stack does not see what it takes."""

    @classmethod
    def setUpClass(cls):
        if SharedLab.kind is not Sluice:
            raise unittest.SkipTest("only Sluice has ports")
        cls.shared = SharedLab(change=lambda settings: settings["dataplane"].update(port="af_xdp", threading="dedicated", lanes=1))
        cls.addClassCleanup(cls.shared.lab.close)
        cls.lab = cls.shared.lab
        cls.balancer = cls.shared.balancer

    def test_should_say_how_it_is_bound(self):
        ports = self.balancer.get("/v1/status")["ports"]
        self.assertEqual({("eth0", "afxdp", True), ("eth1", "afxdp", True)},
                         {(port["name"], port["kind"], port["up"]) for port in ports})
        for port in ports:
            self.assertRegex(port["detail"], "^native mode, copy, [0-9]+ queue")
        self.assertIn("native mode, copy", self.balancer.cli("status").stdout)

    def test_should_carry_transfers_with_three_threads(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                self.assertEqual(pattern_sha256(LENGTH), client.download(LENGTH), "download")
                self.assertEqual(pattern_sha256(LENGTH), client.upload(LENGTH), "upload")
                self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x" * 4000), "fragments")

    def test_should_go_on_after_an_interface_was_made_again(self):
        client = self.client(plan.VIP_IPV4, timeout=20)
        server = client.server()
        mac = self.lab.lb.ip("-o", "link", "show", "dev", "eth1").split("link/ether ")[1].split()[0]
        self.lab.lb.ip("link", "del", "eth1")
        connect(self.lab.lb, "eth1", self.lab.switch, "lb")
        # Another one the servers would only learn when their caches expire.
        self.lab.lb.ip("link", "set", "eth1", "address", mac)
        self.lab.switch.ip("link", "set", "lb", "master", "br0")
        for address in plan.ADDRESSES["lb", "eth1"]:
            self.lab.lb.ip("addr", "add", address, "dev", "eth1", *(["nodad"] if ":" in address else []))
        wait_until(lambda: all(port["up"] for port in self.balancer.get("/v1/status")["ports"]), 20, "the port to be up again")
        self.assertEqual(server, client.server())
        self.shared.wait_until_served()

    def test_should_leave_nothing_on_the_interfaces_when_it_is_killed(self):
        client = self.client(plan.VIP_IPV4)
        server = client.server()
        self.assertIn("xdp", self.lab.lb.ip("link", "show", "dev", "eth0"))
        self.balancer.kill()
        wait_until(lambda: "xdp" not in self.lab.lb.ip("link", "show", "dev", "eth0"), 20, "the XDP program to be gone")
        self.balancer.restart()
        self.assertEqual(server, client.server())


class AfXdpLanes(Scenario):
    """A receive queue of each interface for each lane; which queue a packet comes in by is the sender's choice."""

    @classmethod
    def setUpClass(cls):
        if SharedLab.kind is not Sluice:
            raise unittest.SkipTest("only Sluice has ports")
        cls.shared = SharedLab(queues=2, change=lambda settings: settings["dataplane"].update(port="af_xdp", lanes=2))
        cls.addClassCleanup(cls.shared.lab.close)
        cls.lab = cls.shared.lab
        cls.balancer = cls.shared.balancer

    def test_should_hand_packets_to_the_lane_that_owns_them(self):
        for name, vip in self.families():
            with self.subTest(name):
                for _ in range(20):
                    client = self.client(vip)
                    self.assertIn(client.server(), ("rs1", "rs2"))
                    self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x" * 4000), "fragments")
                self.assertEqual(pattern_sha256(LENGTH), client.download(LENGTH), "download")
                self.assertEqual(pattern_sha256(LENGTH), client.upload(LENGTH), "upload")
        self.assertGreater(self.balancer.counter("packets_handed_over"), 0)

    def test_should_refuse_more_lanes_than_there_are_queues(self):
        node = Sluice(self.lab, lambda settings: settings["dataplane"].update(port="af_xdp", lanes=3))
        process = node.launch()
        self.assertEqual(1, process.wait(30), process.output())
        self.assertRegex(process.output(), "3 lanes need as many receive queues .* eth[01] has 2. Use fewer lanes")
