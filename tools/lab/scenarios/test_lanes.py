"""Several lanes side by side: packets arrive in the lane that owns them, and connections survive another number of lanes."""

from scenarios.shared import Scenario
from topology import config
from topology.client import exchange_datagram
from topology.pattern import pattern_sha256

CONNECTIONS = 150


class Lanes(Scenario):
    """More lanes than the machine needs."""

    def setUp(self):
        self.need_sluice()

    def test_should_get_packets_in_the_lane_that_owns_them(self):
        with self._lanes(4):
            self.shared.wait_until_served()
            before = self.balancer.counter("packets_handed_over")
            for _, vip in self.families():
                for _ in range(CONNECTIONS // 3):
                    client = self.client(vip)
                    self.assertIn(client.server(), ("rs1", "rs2"))
                    client.close()
                    self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x"))
                client = self.client(vip)
                self.assertEqual(pattern_sha256(4 << 20), client.download(4 << 20))
                self.assertEqual(pattern_sha256(4 << 20), client.upload(4 << 20))
            self.assertEqual(before, self.balancer.counter("packets_handed_over"))

    def test_should_hand_fragments_to_their_owner(self):
        with self._lanes(3):
            self.shared.wait_until_served()
            for _, vip in self.families():
                for _ in range(10):
                    self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x" * 20_000))
            self.assertGreater(self.balancer.counter("packets_handed_over"), 0)

    def test_should_keep_connections_when_the_number_of_lanes_changes(self):
        clients = [self.client(vip, timeout=30) for _ in range(CONNECTIONS // 3) for _, vip in self.families()]
        servers = [client.server() for client in clients]
        for lanes in (3, 2, 4):
            with self.subTest(f"{lanes} lanes"), self._lanes(lanes):
                self.assertEqual(servers, [client.server() for client in clients])
                self.balancer.kill()
                self.balancer.restart()
                self.assertEqual(servers, [client.server() for client in clients])
                for _, vip in self.families():
                    self.assert_served(vip)
        self.assertEqual(servers, [client.server() for client in clients])

    def _lanes(self, count):
        return self.balancer.restarted_with(lambda settings: settings["dataplane"].update(lanes=count))
