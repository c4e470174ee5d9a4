"""Jumbo frames, narrow links, and path-MTU discovery through the load balancer: ICMP errors reach the right end."""

from scenarios.shared import Scenario
from topology import config
from topology.client import exchange_datagram
from topology.pattern import pattern_sha256

LENGTH = 4 << 20


class PathMtu(Scenario):
    """One side of a link is made narrow, the one that sends the large packets: its far end still offers a full-size MSS, so the
    sender has to learn. (The other direction of such a veth would lose what is larger, as no real link does.)"""

    def tearDown(self):
        self.lab.set_mtu(1500)
        super().tearDown()

    def test_should_carry_jumbo_frames(self):
        self.need_jumbo_frames()
        self.lab.set_mtu(9000)
        self._transfer_both_ways()

    def test_should_carry_jumbo_frames_without_offloads(self):
        self.need_jumbo_frames()
        self.lab.set_mtu(9000)
        self.lab.set_offloads(False)
        self.addCleanup(self.lab.set_offloads, True)
        self._transfer_both_ways()

    def test_should_tell_the_server_when_the_clients_link_is_narrow(self):
        for mtu in (1400, 1280):
            self.lab.set_mtu(1500)
            self.lab.router.ip("link", "set", "far", "mtu", mtu)
            with self.subTest(mtu=mtu):
                self._download(self.lab.far)

    def test_should_tell_the_client_when_the_servers_link_is_narrow(self):
        self.need_sluice()  # the kernel does not balance to rs3
        for mtu in (1400, 1280):
            self.lab.set_mtu(1500)
            self.lab.inner.ip("link", "set", "eth1", "mtu", mtu)
            with self.subTest(mtu=mtu):
                self._upload(config.DEEP)

    def test_should_answer_itself_when_its_own_link_to_the_servers_is_narrow(self):
        self.need_sluice()
        self.lab.lb.ip("link", "set", "eth1", "mtu", 1400)
        dropped = self.dropped("too_big")
        self._upload(config.PEER)
        self.assertGreater(dropped(), 0)

    def test_should_answer_itself_when_its_own_link_to_the_clients_is_narrow(self):
        self.need_sluice()
        self.lab.lb.ip("link", "set", "eth0", "mtu", 1400)
        dropped = self.dropped("too_big")
        self._download(self.lab.client)
        self.assertGreater(dropped(), 0)

    def test_should_carry_datagrams_of_the_full_mtu(self):
        for name, vip in self.families():
            with self.subTest(name):
                # 1500 less the larger of both IP headers, less UDP, less "rs1|" of the answer.
                payload = b"x" * (1500 - (40 if ":" in vip else 20) - 8 - 4)
                self.assertEqual(payload, exchange_datagram(self.lab.client, vip, config.UDP_PEER, payload)[4:])

    def _transfer_both_ways(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                self.assertEqual(pattern_sha256(LENGTH), client.download(LENGTH), "download")
                self.assertEqual(pattern_sha256(LENGTH), client.upload(LENGTH), "upload")

    def _download(self, namespace):
        for name, vip in self.families():
            with self.subTest(name):
                self.assertEqual(pattern_sha256(LENGTH), self.client(vip, namespace=namespace).download(LENGTH))

    def _upload(self, port):
        for name, vip in self.families():
            with self.subTest(name):
                self.assertEqual(pattern_sha256(LENGTH), self.client(vip, port).upload(LENGTH))
