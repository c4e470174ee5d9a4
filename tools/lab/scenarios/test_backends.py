"""Real servers come, go and are missing; configurations change while traffic flows."""

import collections
import os
import threading

from scenarios.shared import Scenario
from topology import config, plan
from topology.client import Client
from topology.pattern import pattern_sha256


class Backends(Scenario):
    """What a client notices of it: nothing, or one refused connection."""

    def setUp(self):
        self.need_sluice()

    def test_should_spread_connections_by_weight(self):
        def weigh(settings):
            config.group(settings, "peer-v4")["backends"][0]["weight"] = 300
            config.group(settings, "peer-v4")["backends"][1]["weight"] = 100
        with self.balancer.configured(weigh):
            counts = collections.Counter(self.assert_served(plan.VIP_IPV4) for _ in range(40))
        self.assertEqual({"rs1": 30, "rs2": 10}, counts)

    def test_should_keep_a_client_on_its_server_with_source_hash(self):
        def hash_sources(settings):
            config.listener(settings, "peer")["scheduler"] = "sh"
        with self.balancer.configured(hash_sources):
            for source in plan.CLIENTS_IPV4:
                servers = {self.assert_served(plan.VIP_IPV4, source=(source, 0)) for _ in range(4)}
                self.assertEqual(1, len(servers), source)

    def test_should_drain_a_backend_of_weight_0(self):
        open_ones = {}
        while set(open_ones) != {"rs1", "rs2"}:
            client = self.client(plan.VIP_IPV4)
            open_ones[client.server()] = client

        def drain(settings):
            config.group(settings, "peer-v4")["backends"][0]["weight"] = 0
        with self.balancer.configured(drain):
            self.assertEqual({"rs2"}, {self.assert_served(plan.VIP_IPV4) for _ in range(10)})
            self.assertEqual("rs1", open_ones["rs1"].server())
            self.assertEqual(pattern_sha256(1 << 20), open_ones["rs1"].download(1 << 20))
        self.assertEqual({"rs1", "rs2"}, {self.assert_served(plan.VIP_IPV4) for _ in range(10)})

    def test_should_refuse_new_connections_where_there_is_no_backend(self):
        for name, vip in self.families():
            with self.subTest(name):
                dropped = self.dropped("no_backend")
                self.assert_refused_silently(vip, config.EMPTY)
                self.assertGreaterEqual(dropped(), 1)
                self.assert_served(vip)

    def test_should_name_the_missing_neighbour(self):
        for name, vip in self.families():
            with self.subTest(name):
                dropped = self.dropped("no_neighbour")
                self.assert_refused_silently(vip, config.ABSENT)
                self.assertGreaterEqual(dropped(), 1)
                self.assert_served(vip)

    def test_should_let_a_server_reach_the_vip_that_is_balanced_to_itself(self):
        for name, vip in self.families():
            with self.subTest(name):
                with Client(self.lab.rs1, vip, config.ALONE) as client:
                    self.assertEqual("rs1", client.server())
                    self.assertEqual(pattern_sha256(1 << 20), client.download(1 << 20))
                    self.assertEqual(pattern_sha256(1 << 20), client.upload(1 << 20))

    def test_should_lose_no_connection_while_configurations_are_applied(self):
        stop = threading.Event()
        failures = []
        served = collections.Counter()

        def connect_again_and_again():
            while not stop.is_set():
                try:
                    served[self.assert_served(plan.VIP_IPV4)] += 1
                except OSError as error:
                    failures.append(error)

        length = 2_000_000
        downloads = [self.client(vip, timeout=60) for _ in range(4) for _, vip in self.families()]
        for client in downloads:
            client.command(f"trickle {length} 700000")
        workers = [threading.Thread(target=connect_again_and_again) for _ in range(2)]
        for worker in workers:
            worker.start()
        try:
            for turn in range(10):
                with self.balancer.configured(lambda settings, turn=turn: self._shuffle(settings, turn)):
                    pass
            for client in downloads:
                self.assertEqual(pattern_sha256(length), client.read_digest(length))
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.assertEqual([], failures)
        self.assertGreater(sum(served.values()), 20)

    def test_should_refuse_a_wrong_file_and_serve_on(self):
        file = self.lab.path("wrong.yaml")
        wrong = {
            "unknown key": (lambda s: s["loadBalancers"][0]["listeners"][0].update(shceduler="rr"), "scheduler"),
            "unknown group": (lambda s: s["loadBalancers"][0]["listeners"][0].update(serverGroup="wbe-v4"), "web-v4"),
            "range": (lambda s: s["loadBalancers"][0]["listeners"][0].update(port=70000), "70000"),
            "fixed setting": (lambda s: s["dataplane"].update(maxConnections=4096), "maxConnections"),
        }
        client = self.client(plan.VIP_IPV4)
        for name, (change, expected) in wrong.items():
            with self.subTest(name):
                settings = config.config(self.lab, self.balancer.state, self.balancer.socket_path)
                change(settings)
                config.write(file, settings)
                done = self.balancer.cli("apply", "-f", file)
                self.assertNotEqual(0, done.returncode)
                self.assertIn(expected, done.stderr + done.stdout)
                self.assertNotIn("\tat ", done.stderr)
                client.server()
                self.assert_served(plan.VIP_IPV4)
        os.remove(file)

    def test_should_explain_a_flow_from_the_command_line(self):
        done = self.balancer.cli("explain", "tcp", f"{plan.CLIENT_IPV4}:1234", f"{plan.VIP_IPV4}:{config.HTTP}")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"10\.2\.0\.1[12]")

    @staticmethod
    def _shuffle(settings, turn):
        backends = config.group(settings, "peer-v4")["backends"]
        backends[turn % 2]["weight"] = 1 + turn
        for balancer in settings["loadBalancers"]:
            balancer["listeners"] = [entry for entry in balancer["listeners"] if entry["name"] != "empty" or turn % 2]
            balancer["listeners"].append({"name": f"extra{turn}", "protocol": "tcp", "port": 9000 + turn,
                                          "serverGroup": balancer["listeners"][0]["serverGroup"]})
