"""Bulk data is unharmed, in both directions, whatever the interfaces do with checksums and segmentation."""

import threading

from scenarios.shared import Scenario
from topology import config
from topology.pattern import pattern_sha256
from topology.servers import big_sha256

LARGE = 48 << 20
MEDIUM = 8 << 20


class Transfers(Scenario):
    """TCP streams."""

    def test_should_carry_large_transfers_with_offloads_on(self):
        self._transfer_both_ways(LARGE)

    def test_should_carry_transfers_with_offloads_off(self):
        self.lab.set_offloads(False)
        self.addCleanup(self.lab.set_offloads, True)
        self._transfer_both_ways(MEDIUM)

    def test_should_carry_transfers_when_only_the_load_balancer_has_offloads_off(self):
        # Super-frames arrive, and whole checksums leave: the other ends still send partial ones.
        self.lab.set_offloads(False, "front", "back")
        self.addCleanup(self.lab.set_offloads, True)
        self._transfer_both_ways(MEDIUM)

    def test_should_serve_a_file_by_nginx_to_curl(self):
        for name, vip in self.families():
            with self.subTest(name):
                host = f"[{vip}]" if ":" in vip else vip
                digest = self.lab.client.run("sh", "-c", f"curl -sS -m 60 http://{host}/big | sha256sum").split()[0]
                self.assertEqual(big_sha256(), digest)

    def test_should_carry_both_directions_at_once(self):
        for name, vip in self.families():
            with self.subTest(name):
                clients = [self.client(vip) for _ in range(4)]
                results = {}
                threads = [threading.Thread(target=self._transfer, args=(results, n, client)) for n, client in enumerate(clients)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual({n: pattern_sha256(MEDIUM) for n in range(len(clients))}, results)

    def test_should_keep_one_connection_alive_for_many_requests(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                answers = {tuple(client.ask("who")) for _ in range(200)}
                self.assertEqual(1, len(answers), f"one server, one client, 200 times; got {answers}")

    def test_should_carry_small_pieces_in_both_directions(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                for length in [0, 1, 2, 3, 7, 535, 536, 537, 1447, 1448, 1449, 1459, 1460, 1461, 65535]:
                    self.assertEqual(pattern_sha256(length), client.upload(length), f"upload of {length} bytes")
                    self.assertEqual(pattern_sha256(length), client.download(length), f"download of {length} bytes")

    def _transfer_both_ways(self, length):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip, config.PEER, timeout=60)
                self.assertEqual(pattern_sha256(length), client.download(length), "download")
                self.assertEqual(pattern_sha256(length), client.upload(length), "upload")

    @staticmethod
    def _transfer(results, number, client):
        results[number] = client.download(MEDIUM) if number % 2 else client.upload(MEDIUM)
