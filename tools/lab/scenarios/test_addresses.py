"""Addresses that another host has already, and addresses whose interface goes away."""

import contextlib
import copy
import time

from scenarios.shared import FAMILIES, Scenario
from topology import plan
from topology.namespace import connect
from topology.pattern import pattern_sha256
from topology.process import wait_until

WANTED = {plan.VIP_IPV4: "10.1.0.150", plan.VIP_IPV6: "fd01::150"}


class Addresses(Scenario):
    """The router stands for the other host: it is on the segment of the VIPs."""

    def setUp(self):
        self.need_sluice()

    def test_should_leave_an_address_to_the_host_that_uses_it(self):
        mac = self.lab.router.mac("front")
        with contextlib.ExitStack() as taken:
            for address in WANTED.values():
                self._add(self.lab.router, "front", address)
                taken.callback(self._remove, self.lab.router, "front", address)
            with self.balancer.configured(self._want):
                for address in WANTED.values():
                    message = self._message(address)
                    self.assertIn(mac, message)
                    self.assertIn("eth0", message)
                    self.assertFalse(self._installed(address))
                for _, vip in self.families():
                    self.assert_served(vip)
                taken.close()
                for address in WANTED.values():
                    wait_until(lambda address=address: self._installed(address), 30, f"{address} to be tried again")
                    self.assert_served(address)
                    wait_until(lambda address=address: self._message(address) is None, 5, f"the message about {address} to go away")
        for address in WANTED.values():
            self.assertFalse(self._installed(address))

    def test_should_be_reached_at_once_at_an_address_that_moved(self):
        for address in WANTED.values():
            # As if the address had been elsewhere a moment ago. For as long as the router believes it, nothing arrives.
            self.lab.router.ip("neigh", "replace", address, "lladdr", "02:00:00:00:00:99", "dev", "front", "nud", "reachable")
            self.addCleanup(self.lab.router.ip, "neigh", "flush", "to", address, "dev", "front")
        mac = self.lab.lb.mac("eth0")
        with self.balancer.configured(self._want):
            for address in WANTED.values():
                wait_until(lambda address=address: mac in self.lab.router.ip("neigh", "show", "to", address, "dev", "front"), 2,
                           f"the router to know where {address} is")
                self.assert_served(address)

    def test_should_keep_its_addresses_without_asking_after_kill_9(self):
        for vip in FAMILIES.values():
            self._add(self.lab.router, "front", vip)
            self.addCleanup(self._remove, self.lab.router, "front", vip)
        self.balancer.kill()
        self.balancer.restart()
        for vip in FAMILIES.values():
            self.assertTrue(self._installed(vip))
            self.assertIsNone(self._message(vip))

    def test_should_go_on_when_the_interface_of_the_vips_is_made_again(self):
        clients = [self.client(vip, timeout=60) for _, vip in self.families()]
        for client in clients:
            client.command("trickle 1500000 500000")
        time.sleep(0.5)
        self.lab.lb.ip("link", "del", "eth0")
        wait_until(lambda: not self._port_is_up("eth0"), 10, "the status to say that eth0 is gone")
        self._make_front_again()
        for client in clients:
            self.assertEqual(pattern_sha256(1_500_000), client.read_digest(1_500_000))
        for vip in FAMILIES.values():
            self.assertTrue(self._installed(vip))
            self.assert_served(vip)
            self.assertIsNone(self._message(vip))

    @staticmethod
    def _want(settings):
        for like, address in WANTED.items():
            balancer = next(lb for lb in settings["loadBalancers"] if lb["address"] == like)
            settings["loadBalancers"].append({**copy.deepcopy(balancer), "name": "wanted-" + balancer["name"], "address": address})

    def _make_front_again(self):
        connect(self.lab.router, "front", self.lab.lb, "eth0")
        for role, interface in (("router", "front"), ("lb", "eth0")):
            for address in plan.ADDRESSES[role, interface]:
                self.lab.namespaces[role].ip("addr", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))
        self.lab.lb.ip("route", "replace", "default", "via", "10.1.0.1")
        self.lab.lb.ip("-6", "route", "replace", "default", "via", "fd01::1")

    def _add(self, namespace, interface, address):
        namespace.ip("addr", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    def _remove(self, namespace, interface, address):
        namespace.ip("addr", "del", f"{address}/{128 if ':' in address else 32}", "dev", interface)

    def _installed(self, address):
        return f" {address}/" in self.lab.lb.ip("-o", "addr", "show", "dev", "eth0")

    def _message(self, address):
        messages = self.balancer.get("/v1/status")["messages"]
        return next((message for message in messages if message.startswith(f"{address} is not installed")), None)

    def _port_is_up(self, name):
        return next(port for port in self.balancer.get("/v1/status")["ports"] if port["name"] == name)["up"]
