"""Interfaces go and come back, and the kernel beside Sluice stays silent."""

import threading
import time

from scenarios.shared import FAMILIES, Scenario
from topology import config, plan
from topology.packets import ACK, RST, SYN, Capture, HandmadeClient
from topology.pattern import pattern_sha256
from topology.process import wait_until

VIPS = tuple(FAMILIES.values())
LOCALS = (plan.LOCAL_IPV4, plan.LOCAL_IPV6)


class Links(Scenario):
    """What happens below IP."""

    def setUp(self):
        self.need_sluice()

    def test_should_go_on_after_an_interface_was_down(self):
        clients = [self.client(vip, timeout=60) for _, vip in self.families("4to4", "6to4")]
        for client in clients:
            client.command("trickle 1500000 500000")
        time.sleep(0.5)
        self._flap("eth1")
        for client in clients:
            self.assertEqual(pattern_sha256(1_500_000), client.read_digest(1_500_000))
        for _, vip in self.families():
            wait_until(lambda vip=vip: self._served(vip), 20, f"{vip} to be served again")

    def test_should_say_that_an_interface_is_down(self):
        self.lab.lb.ip("link", "set", "eth1", "down")
        try:
            wait_until(lambda: not self._port("eth1")["up"], 10, "the status to say that eth1 is down")
            self.assertTrue(self._port("eth0")["up"])
            self.assert_refused_silently(plan.VIP_IPV4, config.PEER)
        finally:
            self._up("eth1")
        wait_until(lambda: self._port("eth1")["up"], 10, "the status to say that eth1 is up")
        for _, vip in self.families():
            wait_until(lambda vip=vip: self._served(vip), 20, f"{vip} to be served again")

    def test_should_go_on_when_an_interface_was_removed_and_made_anew(self):
        clients = [self.client(vip, timeout=60) for _, vip in self.families("4to4", "6to4")]
        servers = [client.server() for client in clients]
        self.lab.lb.ip("link", "del", "eth1")
        wait_until(lambda: not self._port("eth1")["up"], 10, "the status to say that eth1 is gone")
        wait_until(lambda: self._messages_about("eth1"), 10, "a message about eth1")
        self.lab.make_anew("back")
        wait_until(lambda: self._port("eth1")["up"], 10, "the status to say that eth1 is back")
        for _, vip in self.families():
            wait_until(lambda vip=vip: self._served(vip), 20, f"{vip} to be served again")
        self.assertEqual(servers, [client.server() for client in clients])
        wait_until(lambda: not self._messages_about("eth1"), 10, "the message about eth1 to be withdrawn")

    def test_should_follow_a_server_that_changes_its_link_layer_address(self):
        client = self.client(plan.VIP_IPV4, config.ALONE, timeout=60)
        self.assertEqual("rs1", client.server())
        before = self.lab.rs1.mac("eth0")
        self.addCleanup(self.lab.rs1.ip, "link", "set", "eth0", "address", before)
        self.lab.rs1.ip("link", "set", "eth0", "address", "02:00:00:00:00:77")
        # As a machine that takes over an address does: it says so. arping is not everywhere, a ping says it as well.
        self.lab.rs1.run("ping", "-c", "1", "-W", "2", "10.2.0.2", check=False)
        self.assertEqual("rs1", client.server())

    def test_should_have_no_answer_of_the_kernel_on_the_wire(self):
        with Capture(self.lab.router, "front") as front, Capture(self.lab.switch, "lb") as back:
            for _, vip in self.families():
                client = self.client(vip)
                client.download(1 << 20)
                client.upload(1 << 20)
                client.close()
            time.sleep(0.3)
        self._assert_no_resets(front.packets + back.packets)

    def test_should_have_no_answer_of_the_kernel_while_the_daemon_is_gone(self):
        clients = [self.client(vip, timeout=30) for _, vip in self.families()]
        servers = [client.server() for client in clients]
        self.balancer.kill()
        with Capture(self.lab.router, "front") as front, Capture(self.lab.switch, "lb") as back:
            for client in clients:
                client.command("who")
            for _, vip in self.families():
                self.assert_refused_silently(vip, config.PEER, seconds=0.5)
            time.sleep(0.5)
        self.balancer.restart()
        self._assert_no_resets(front.packets + back.packets)
        self.assertEqual(servers, [client.read_line()[0] for client in clients])

    def test_should_reach_the_kernel_with_what_is_not_ours(self):
        # Port 9 of a VIP has no listener: the kernel owns the address and says that nobody is there.
        with self.assertRaises(ConnectionRefusedError):
            self.client(plan.VIP_IPV4, 9)
        printed = self.lab.client.run("ping", "-c", "1", "-W", "2", "10.1.0.2")
        self.assertIn(" 1 received", printed)

    def _assert_no_resets(self, packets):
        ours = [p for p in packets if p.source in VIPS + LOCALS]
        resets = [p for p in ours if p.protocol == "tcp" and p.flags & RST]
        errors = [p for p in ours if p.protocol == "icmp" or p.protocol == "icmpv6" and p.icmp_type < 128]
        self.assertEqual(([], []), (resets[:3], errors[:3]))

    def _flap(self, interface):
        self.lab.lb.ip("link", "set", interface, "down")
        time.sleep(0.5)
        self._up(interface)

    def _up(self, interface):
        # The kernel forgets IPv6 addresses and routes of an interface that goes down; the lab's own come back by the lab.
        self.lab.lb.ip("link", "set", interface, "up")
        self.lab.lb.ip("addr", "replace", "fd02::2/64", "dev", interface, "nodad")
        self.lab.lb.ip("route", "replace", plan.DEEP_IPV4, "via", "10.2.0.1")
        self.lab.lb.ip("-6", "route", "replace", plan.DEEP_IPV6, "via", "fd02::1")

    def _messages_about(self, interface):
        return [message for message in self.balancer.get("/v1/status")["messages"] if interface in message]

    def _port(self, name):
        return next(port for port in self.balancer.get("/v1/status")["ports"] if port["name"] == name)

    def _served(self, vip):
        try:
            return self.assert_served(vip, timeout=2)
        except OSError:
            return None


class Flood(Scenario):
    """Many half-open connections."""

    SYNS = 3000

    def setUp(self):
        self.need_sluice()

    def test_should_serve_normal_clients_during_a_syn_flood(self):
        stop = threading.Event()
        flood = threading.Thread(target=self._flood, args=(plan.VIP_IPV4, self.SYNS, stop))
        flood.start()
        served = 0
        while flood.is_alive():
            self.assert_served(plan.VIP_IPV4, timeout=10)
            served += 1
        flood.join()
        self.assertGreater(served, 0)
        status = self.balancer.get("/v1/status")
        self.assertLessEqual(status["connections"], status["capacity"])

        def half_open():
            return [c for c in self.balancer.connections() if c["virtual"] == f"{plan.VIP_IPV4}:{config.FLOOD}"]
        wait_until(lambda: not half_open(), 20, "the half-open connections to time out")

    def _flood(self, vip, count, stop):
        with HandmadeClient(self.lab, "10.9.1.96", vip, config.FLOOD) as client:
            for number in range(count):
                if stop.is_set():
                    return
                client.sport = 1024 + number
                client.send(SYN, seq=number)


class Garbage(Scenario):
    """Frames that no sane sender makes."""

    def setUp(self):
        self.need_sluice()

    def test_should_survive_segments_with_senseless_flags_and_options(self):
        for _, vip in self.families():
            source = "fd09:1::95" if ":" in vip else "10.9.1.95"
            with HandmadeClient(self.lab, source, vip, config.PEER) as client:
                for flags in range(64):
                    for options in (b"", b"\2\0\1\1", b"\376\1", b"\376\377", b"\5\3\0\0", b"\376\10\0"):
                        client.send(flags, options, seq=flags)
                client.send(ACK)
            self.assert_served(vip)
