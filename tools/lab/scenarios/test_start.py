"""What the daemon says when it cannot start, and a node with one interface."""

import os

from scenarios.shared import Scenario, SharedLab
from topology import config
from topology.client import Client, exchange_datagram
from topology.pattern import pattern_sha256
from topology.servers import big_sha256
from topology.sluice import LAUNCHER, Sluice


class Start(Scenario):
    """A sentence, the next step, and the exit status."""

    def setUp(self):
        self.need_sluice()

    def test_should_say_that_it_needs_root(self):
        probe = self.lab.lb.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
                                f"test -r {LAUNCHER} && echo readable", check=False)
        if "readable" not in probe:
            self.skipTest("other users cannot read this directory")
        node = Sluice(self.lab)
        os.chmod(self.lab.directory, 0o777)
        self._assert_fails(self._launch(node, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), 1, "root")

    def test_should_say_which_capability_is_missing(self):
        process = self._launch(Sluice(self.lab), "setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
        self._assert_fails(process, 1, "CAP_NET_RAW")

    def test_should_name_the_interface_that_does_not_exist(self):
        node = Sluice(self.lab, lambda settings: settings["dataplane"].update(interfaces=["eth0", "eth7"]))
        self._assert_fails(node.launch(), 1, "eth7")

    def test_should_name_the_wrong_line_of_its_file(self):
        node = Sluice(self.lab, lambda settings: settings["localPools"][0].update(adresses=[]))
        self._assert_fails(node.launch(), 2, "addresses")

    def test_should_say_that_the_file_is_missing(self):
        node = Sluice(self.lab)
        os.remove(node.file)
        self._assert_fails(node.launch(), 2, node.file)

    def _launch(self, node, *prefix):
        environment = {**os.environ, "SLUICE_BUILD": "never"}
        return self.lab.start(self.lab.lb, "refused-" + os.path.basename(node.state), *prefix, LAUNCHER, "daemon", "--config",
                              node.file, environment=environment, mounts=True)

    def _assert_fails(self, process, status, expected):
        self.assertEqual(status, process.wait(30), process.output())
        self.assertIn(expected, process.output())
        self.assertNotIn("\tat ", process.output(), "no stack trace")


class OneArm(Scenario):
    """Clients and servers on one interface."""

    @classmethod
    def setUpClass(cls):
        cls.shared = SharedLab(one_arm=True)
        cls.addClassCleanup(cls.shared.lab.close)
        cls.lab = cls.shared.lab
        cls.balancer = cls.shared.balancer

    def test_should_carry_transfers(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                self.assertEqual(pattern_sha256(8 << 20), client.download(8 << 20))
                self.assertEqual(pattern_sha256(8 << 20), client.upload(8 << 20))
                self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x" * 4000))

    def test_should_serve_nginx(self):
        for name, vip in self.families():
            with self.subTest(name):
                host = f"[{vip}]" if ":" in vip else vip
                digest = self.lab.client.run("sh", "-c", f"curl -sS -m 60 http://{host}/big | sha256sum").split()[0]
                self.assertEqual(big_sha256(), digest)

    def test_should_let_a_server_reach_itself(self):
        self.need_sluice()
        for name, vip in self.families():
            with self.subTest(name), Client(self.lab.rs1, vip, config.ALONE) as client:
                self.assertEqual(pattern_sha256(1 << 20), client.download(1 << 20))
