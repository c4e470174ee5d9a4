"""UDP, whole and in fragments."""

import ipaddress
import socket

from scenarios.shared import Scenario
from topology import config, plan
from topology.client import exchange_datagram, family_of, open_socket

PROXY_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


class Datagrams(Scenario):
    """Each answer comes back from the address that was asked."""

    def test_should_carry_datagrams_of_every_size(self):
        for name, vip in self.families():
            for length in (0, 1, 2, 100, 1200, 1400):
                with self.subTest(name, length=length):
                    payload = bytes(n % 251 for n in range(length))
                    self.assertEqual(payload, exchange_datagram(self.lab.client, vip, config.UDP_PEER, payload)[4:])

    def test_should_carry_fragmented_datagrams(self):
        for name, vip in self.families():
            for length in (2000, 4000, 9000, 60000):
                with self.subTest(name, length=length):
                    payload = bytes(n % 251 for n in range(length))
                    self.assertEqual(payload, exchange_datagram(self.lab.client, vip, config.UDP_PEER, payload, timeout=9)[4:])

    def test_should_carry_fragments_over_narrow_links(self):
        self.need_sluice()  # connection tracking does not translate ICMP errors about fragments
        self.addCleanup(self.lab.set_mtu, 1500)
        self.lab.set_mtu(1280, "far")
        for name, vip in self.families():
            with self.subTest(name):
                with open_socket(self.lab.far, vip, socket.SOCK_DGRAM) as sock:
                    sock.settimeout(1)
                    sock.connect((vip, config.UDP_PEER))
                    payload = bytes(n % 251 for n in range(4000))
                    # The first answers may teach the server the path.
                    self.assertTrue(any(self._echoed(sock, payload) for _ in range(5)))

    def test_should_keep_the_datagrams_of_a_client_port_on_one_server(self):
        for name, vip in self.families():
            with self.subTest(name), open_socket(self.lab.client, vip, socket.SOCK_DGRAM) as sock:
                sock.settimeout(5)
                sock.connect((vip, config.UDP_PEER))
                servers = set()
                for _ in range(20):
                    sock.send(b"x")
                    servers.add(sock.recv(100).split(b"|")[0])
                self.assertEqual(1, len(servers))

    def test_should_spread_clients_over_the_servers(self):
        for name, vip in self.families():
            with self.subTest(name):
                servers = {exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x")[:3] for _ in range(20)}
                self.assertEqual({b"rs1", b"rs2"}, servers)

    def test_should_pass_on_that_nobody_listens(self):
        self.need_sluice()
        for name, vip in self.families():
            with self.subTest(name), self.assertRaises(ConnectionRefusedError):
                exchange_datagram(self.lab.client, vip, config.CLOSED, b"x")

    def test_should_name_the_client_before_its_first_datagram_only(self):
        self.need_sluice()
        for name, vip in self.families():
            with self.subTest(name), open_socket(self.lab.client, vip, socket.SOCK_DGRAM) as sock:
                sock.settimeout(5)
                sock.connect((vip, config.UDP_PROXY))
                sock.send(b"first")
                first = sock.recv(200)[4:]
                sock.send(b"second")
                self.assertEqual(b"second", sock.recv(200)[4:])
                self.assertEqual(self._proxy_header(sock.getsockname(), vip) + b"first", first)

    def _proxy_header(self, client, vip):
        source, destination = ipaddress.ip_address(client[0]), ipaddress.ip_address(vip)
        ports = client[1].to_bytes(2) + config.UDP_PROXY.to_bytes(2)
        addresses = source.packed + destination.packed + ports
        kind = b"\x22" if family_of(vip) == socket.AF_INET6 else b"\x12"
        return PROXY_SIGNATURE + b"\x21" + kind + len(addresses).to_bytes(2) + addresses

    @staticmethod
    def _echoed(sock, payload):
        sock.send(payload)
        try:
            return sock.recv(65536)[4:] == payload
        except TimeoutError:
            return False


class FarDatagrams(Scenario):
    """Servers behind a router."""

    def test_should_reach_a_server_behind_a_router(self):
        self.need_sluice()
        for name, vip in self.families():
            for length in (10, 4000):
                with self.subTest(name, length=length):
                    answer = exchange_datagram(self.lab.client, vip, config.DEEP, b"x" * length)
                    self.assertEqual(b"rs3|" + b"x" * length, answer)

    def test_should_fragment_no_further_than_the_path_to_the_server_allows(self):
        self.need_sluice()
        self.addCleanup(self.lab.set_mtu, 1500)
        self.lab.set_mtu(1280, "deep")
        with open_socket(self.lab.client, plan.VIP_IPV4, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, IP_PMTUDISC_DONT: routers may fragment
            sock.settimeout(5)
            sock.connect((plan.VIP_IPV4, config.DEEP))
            sock.send(b"y" * 1400)
            self.assertEqual(b"rs3|" + b"y" * 1400, sock.recv(65536))
