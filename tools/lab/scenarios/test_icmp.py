"""Ping and traceroute."""

import socket
import time

from scenarios.shared import FAMILIES, Scenario
from topology import config
from topology.client import open_socket
from topology.packets import Capture

TIME_EXCEEDED = {socket.AF_INET: 11, socket.AF_INET6: 3}
DESTINATION_UNREACHABLE = {socket.AF_INET: 3, socket.AF_INET6: 1}


class Icmp(Scenario):
    """What the VIP says about itself."""

    def setUp(self):
        self.need_sluice()

    def test_should_answer_ping(self):
        for name, vip in self.families():
            for size in (0, 56, 1400):
                with self.subTest(name, size=size):
                    printed = self.lab.client.run("ping", "-c", "2", "-i", "0.2", "-W", "2", "-s", size, vip, check=False)
                    self.assertIn(" 2 received", printed)

    def test_should_answer_ping_exactly_once(self):
        for name, vip in self.families():
            with self.subTest(name):
                printed = self.lab.client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", vip, check=False)
                self.assertNotIn("DUP", printed)

    def test_should_not_answer_ping_for_a_vip_without_backends(self):
        def empty(settings):
            for balancer in settings["loadBalancers"]:
                balancer["listeners"] = [entry for entry in balancer["listeners"] if entry["name"] == "empty"]
        with self.balancer.configured(empty):
            for name, vip in self.families():
                with self.subTest(name):
                    dropped = self.dropped("echo_no_backend")
                    printed = self.lab.client.run("ping", "-c", "1", "-W", "1", vip, check=False)
                    self.assertIn(" 0 received", printed)
                    dropped.wait()

    def test_should_say_that_the_time_to_live_is_over(self):
        # Hop 1 is the router, hop 2 the load balancer.
        for name, vip in self.families():
            with self.subTest(name), open_socket(self.lab.client, vip, socket.SOCK_DGRAM) as sock:
                dropped = self.dropped("ttl_expired")
                self._set_hops(sock, 2)
                errors = self._errors_after(lambda sock=sock, vip=vip: sock.sendto(b"x", (vip, config.UDP_PEER)), sock.family)
                self.assertIn(TIME_EXCEEDED[sock.family], [packet.icmp_type for packet in errors])
                dropped.wait()

    def test_should_pass_on_what_a_router_behind_it_says(self):
        # Hop 3 is the inner router in front of rs3, which complains to the local address.
        for name, vip in self.families():
            with self.subTest(name), open_socket(self.lab.client, vip, socket.SOCK_DGRAM) as sock:
                self._set_hops(sock, 3)
                errors = self._errors_after(lambda sock=sock, vip=vip: sock.sendto(b"x", (vip, config.DEEP)), sock.family)
                self.assertIn(TIME_EXCEEDED[sock.family], [packet.icmp_type for packet in errors])

    def test_should_pass_on_that_a_port_is_closed(self):
        for name, vip in self.families():
            with self.subTest(name), open_socket(self.lab.client, vip, socket.SOCK_DGRAM) as sock:
                errors = self._errors_after(lambda sock=sock, vip=vip: sock.sendto(b"x", (vip, config.CLOSED)), sock.family)
                kinds = [packet.icmp_type for packet in errors if packet.source == vip]
                self.assertIn(DESTINATION_UNREACHABLE[sock.family], kinds, "from the VIP, since the server's address means nothing")

    def test_should_count_errors_about_nothing_we_know(self):
        dropped = self.dropped("icmp_unrelated")
        # The router has no way to this client, and says so to the VIP about a packet that was never sent.
        self._send_unrelated_error(FAMILIES["4to4"])
        dropped.wait()

    def _send_unrelated_error(self, vip):
        inner = bytes.fromhex("4500001c000040004006") + b"\0\0" + socket.inet_aton(vip) + socket.inet_aton("192.0.2.1") + b"\x1b\x58\x12\x34\0\0\0\0"
        message = b"\x03\x01\0\0\0\0\0\0" + inner
        total = sum(int.from_bytes(message[n:n + 2]) for n in range(0, len(message), 2))
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        message = message[:2] + total.to_bytes(2) + message[4:]
        with self.lab.client:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        with raw:
            raw.sendto(message, (vip, 0))

    @staticmethod
    def _set_hops(sock, hops):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hops)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)

    def _errors_after(self, send, family):
        protocol = "icmpv6" if family == socket.AF_INET6 else "icmp"
        wanted = (TIME_EXCEEDED[family], DESTINATION_UNREACHABLE[family])
        with Capture(self.lab.client, "eth0") as capture:
            time.sleep(0.05)
            send()
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                found = [p for p in list(capture.packets) if p.protocol == protocol and p.icmp_type in wanted and not p.outgoing]
                if found:
                    return found
                time.sleep(0.02)
        return []
