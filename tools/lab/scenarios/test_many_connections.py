"""Thousands of short connections over few local ports, and what happens when there is none left."""

import threading

from scenarios.shared import Scenario
from topology import config, plan
from topology.client import Client
from topology.process import wait_until

SHORT = 2000
SMALL_TABLE = 1024  # the smallest that the configuration allows
REUSES = 6


class ManyConnections(Scenario):
    """Local ports are leased, given back, and leased again."""

    def test_should_serve_thousands_of_short_connections(self):
        for name, vip in self.families():
            with self.subTest(name):
                self.assertEqual(SHORT, self._many(vip, config.PEER, SHORT, 8))

    def test_should_reuse_local_ports_that_the_server_holds_in_time_wait(self):
        self.need_sluice()
        for name, vip in self.families("4to4", "6to6"):
            with self.subTest(name):
                count = config.NARROW_PORTS * REUSES
                self.assertEqual(count, self._many(vip, config.NARROW, count, 16))
                waiting = self.lab.rs1.run("ss", "-Htan", "state", "time-wait").splitlines()
                self.assertGreater(len(waiting), config.NARROW_PORTS // 2, "the server was meant to hold TIME_WAIT")

    def test_should_refuse_only_the_connection_that_finds_no_port(self):
        self.need_sluice()
        if self.balancer.settings["dataplane"].get("lanes", 1) > 1:
            self.skipTest("each lane has its share of the few ports, and it depends on chance which runs out first")
        for name, vip in self.families():
            with self.subTest(name):
                self._wait_for_free_ports()
                dropped = self.dropped("no_local_port")
                held = [self.client(vip, config.NARROW) for _ in range(config.NARROW_PORTS)]
                self.assert_refused_silently(vip, config.NARROW)
                self.assertGreaterEqual(dropped(), 1)
                self.assert_served(vip, config.ALONE)
                self.assertEqual(["rs1"] * len(held), [client.server() for client in held])
                held[0].close()
                # The kernel repeats the SYN after a second.
                self.assert_served(vip, config.NARROW, timeout=10)
                for client in held:
                    client.close()

    def test_should_give_every_port_back(self):
        self.need_sluice()
        self._many(plan.VIP_IPV4, config.NARROW, config.NARROW_PORTS, 8)
        self._wait_for_free_ports()

    def test_should_refuse_only_the_connection_that_finds_the_table_full(self):
        self.need_sluice()
        with self.balancer.restarted_with(lambda settings: settings["dataplane"].update(maxConnections=SMALL_TABLE, lanes=1)):
            dropped = self.dropped("table_full")
            held = self._fill_table()
            self.assertGreaterEqual(dropped(), 1)
            servers = [client.server() for client in held]
            self.balancer.kill()
            self.balancer.restart()
            self.assertEqual(servers, [client.server() for client in held])
            dropped = self.dropped("table_full")
            held += self._fill_table()
            self.assertGreaterEqual(dropped(), 1)
            self.assertLessEqual(len(held), SMALL_TABLE)
            for client in held:
                client.close()
            self.assert_served(plan.VIP_IPV4, timeout=15)

    def _fill_table(self):
        """Opens connections until one is refused. What other scenarios left in the table may leave it meanwhile."""
        held = []
        with self.assertRaises(TimeoutError):
            while len(held) <= SMALL_TABLE:
                held.append(self.client(plan.VIP_IPV4, timeout=3))
        return held

    def _wait_for_free_ports(self):
        def used():
            return [c for c in self.balancer.connections() if plan.NARROW_IPV4 in c["local"] or plan.NARROW_IPV6 in c["local"]]
        wait_until(lambda: not used(), 20, "the narrow pool to be free")

    def _many(self, vip, port, count, workers):
        served = []
        numbers = iter(range(count))
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    if next(numbers, None) is None:
                        return
                with Client(self.lab.client, vip, port, timeout=30) as client:
                    served.append(client.server())
                    client.command("close")
                    client.read_to_end()

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(served)
