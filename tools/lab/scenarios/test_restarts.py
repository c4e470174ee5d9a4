"""The daemon dies, is upgraded, is started twice; clients and servers restart; connections go on."""

import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

from scenarios.shared import Scenario
from topology import config, plan
from topology.client import exchange_datagram
from topology.pattern import pattern_sha256
from topology.sluice import Sluice

OPEN = 200
TRICKLES = 12


class Restarts(Scenario):
    """What survives."""

    def setUp(self):
        self.need_sluice()

    def test_should_continue_every_open_connection_after_kill_9(self):
        self._continue_after(self._kill)

    def test_should_continue_every_open_connection_after_a_clean_restart(self):
        self._continue_after(lambda: self.assertEqual(0, self.balancer.stop(), self.balancer.process.output()))

    def test_should_continue_downloads_and_uploads_in_progress_after_kill_9(self):
        length, rate = 3_000_000, 500_000
        clients = [self.client(vip, timeout=30) for _ in range(TRICKLES // 3) for _, vip in self.families()]
        for client in clients:
            client.command(f"trickle {length} {rate}")
        uploads = [self.client(vip, timeout=30) for _, vip in self.families()]
        for client in uploads:
            # A connection that has carried data is in the table of record.
            client.server()
            client.command(f"take {length}")
        self._kill()
        for client in uploads:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * length)
            client.write_pattern(length)
        self.balancer.restart()
        with ThreadPoolExecutor(len(clients)) as readers:
            digests = list(readers.map(lambda client: client.read_digest(length), clients))
        self.assertEqual([pattern_sha256(length)] * len(clients), digests)
        for client in uploads:
            self.assertEqual([pattern_sha256(length)], client.read_line())

    def test_should_survive_being_killed_again_and_again(self):
        client = self.client(plan.VIP_IPV4)
        server = client.server()
        for _ in range(3):
            self._kill()
            self.balancer.restart()
            self.assertEqual(server, client.server())

    def test_should_accept_a_client_that_restarted_while_the_load_balancer_was_down(self):
        sources = {vip: (plan.CLIENTS_IPV6[2] if ":" in vip else plan.CLIENTS_IPV4[2], 31001) for _, vip in self.families()}
        before = [self.client(vip, source=source) for vip, source in sources.items()]
        for client in before:
            client.server()
        self._kill()
        # Neither FIN nor RST gets through: the servers still believe in the old connections.
        for client in before:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        self.balancer.restart()
        for name, vip in self.families():
            with self.subTest(name):
                self.assertIn(self.client(vip, source=sources[vip], timeout=15).server(), ("rs1", "rs2"))

    def test_should_serve_on_when_a_server_program_restarts(self):
        server = self.shared.servers["rs1"]
        client = self.client(plan.VIP_IPV4, config.ALONE)
        client.server()
        server.peer.kill()
        with self.assertRaises((ConnectionError, OSError)):
            client.server()
        server.peer = server.start_peer()
        self.assertEqual("rs1", self.assert_served(plan.VIP_IPV4, config.ALONE))

    def test_should_keep_a_udp_flow_on_its_server(self):
        with self.lab.client:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.settimeout(5)
        sock.connect((plan.VIP_IPV4, config.UDP_PEER))
        answers = []
        for message in (b"before", b"after"):
            sock.send(message)
            answers.append(sock.recv(100).split(b"|"))
            if message == b"before":
                self.balancer.stop()
                self.balancer.restart()
        self.assertEqual(answers[0][0], answers[1][0])
        self.assertEqual([b"before", b"after"], [answer[1] for answer in answers])

    def test_should_end_cleanly_when_told_so_while_it_starts(self):
        client = self.client(plan.VIP_IPV4)
        server = client.server()
        self.balancer.stop()
        for seconds in (0.2, 0.6, 1.2, 2.0):
            with self.subTest(f"after {seconds} s"):
                process = self.balancer.launch()
                time.sleep(seconds)
                begun = " INFO sluice " in process.output()
                # Before Sluice has said anything, the signal may end a shell or a JVM as it ends any process.
                self.assertIn(process.stop(), (0,) if begun else (0, 143, -15), process.output())
                self.assertNotIn("\tat ", process.output(), "no stack trace")
        self.balancer.restart()
        self.assertEqual(server, client.server())

    def test_should_refuse_a_second_daemon_on_the_same_state(self):
        second = Sluice(self.lab, lambda settings: settings["node"].update(stateDirectory=self.balancer.state))
        process = second.launch()
        self.assertEqual(1, process.wait(30), process.output())
        self.assertIn(self.balancer.state, process.output())
        self.assertNotIn("\tat ", process.output(), "no stack trace")
        self.assert_served(plan.VIP_IPV4)

    def test_should_refuse_a_second_daemon_on_the_same_socket(self):
        second = Sluice(self.lab, lambda settings: settings["node"].update(socket=self.balancer.socket_path))
        process = second.launch()
        self.assertEqual(1, process.wait(30), process.output())
        self.assertIn(self.balancer.socket_path, process.output())
        self.assertTrue(self.balancer.get("/v1/status")["running"])
        self.assert_served(plan.VIP_IPV4)

    def _kill(self):
        self.balancer.kill()

    def _continue_after(self, end):
        clients = [self.client(vip, timeout=30) for _ in range(OPEN // 3 + 1) for _, vip in self.families()]
        before = [client.ask("who") for client in clients]
        end()
        self.balancer.restart()
        self.assertGreaterEqual(self.balancer.get("/v1/status")["restored"], len(clients))
        self.assertEqual(before, [client.ask("who") for client in clients])
        self.assertEqual(pattern_sha256(100_000), clients[0].download(100_000))
        for _, vip in self.families():
            self.assert_served(vip)
            self.assertTrue(exchange_datagram(self.lab.client, vip, config.UDP_PEER, b"x"))
