"""How connections end: closed in halves, reset, refused, timed out."""

import socket
import struct
import uuid

from scenarios.shared import Scenario
from topology import config, plan
from topology.client import Client
from topology.packets import ACK, RST, HandmadeClient
from topology.pattern import pattern_sha256
from topology.process import wait_until


class ConnectionEnds(Scenario):
    """TCP."""

    def test_should_let_a_half_closed_connection_download_on(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                client.command(f"drain {8 << 20}")
                client.write_pattern(1 << 20)
                client.socket.shutdown(socket.SHUT_WR)
                self.assertEqual([pattern_sha256(1 << 20), str(1 << 20)], client.read_line())
                self.assertEqual((pattern_sha256(8 << 20), 8 << 20), client.read_to_end())

    def test_should_pass_on_a_reset_by_the_server(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                client.command("reset")
                with self.assertRaises(ConnectionResetError):
                    client.read_line()

    def test_should_pass_on_a_reset_by_the_client(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                label, server = self._label(client)
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                self._wait_for_fate(server, label, "reset")

    def test_should_pass_on_a_close_by_the_server(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                client.command("close")
                self.assertEqual(("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0), client.read_to_end())

    def test_should_pass_on_that_the_server_refuses(self):
        self.need_sluice()
        for name, vip in self.families():
            with self.subTest(name), self.assertRaises(ConnectionRefusedError):
                self.client(vip, config.CLOSED)

    def test_should_reset_both_sides_when_an_established_connection_is_idle_too_long(self):
        self.need_sluice()
        clients = [(name, self.client(vip, config.IDLE, timeout=config.IDLE_SECONDS + 10)) for name, vip in self.families()]
        labels = [self._label(client) for _, client in clients]
        for (name, client), (label, server) in zip(clients, labels, strict=True):
            with self.subTest(name):
                with self.assertRaises(ConnectionResetError):
                    client.read_line()
                self._wait_for_fate(server, label, "reset")

    def test_should_keep_a_connection_that_is_not_idle(self):
        self.need_sluice()
        length = 40_000 * (config.IDLE_SECONDS + 2)
        clients = [(name, self.client(vip, config.IDLE)) for name, vip in self.families()]
        for _, client in clients:
            client.command(f"trickle {length} 40000")
        for name, client in clients:
            with self.subTest(name):
                self.assertEqual(pattern_sha256(length), client.read_digest(length))

    def test_should_answer_packets_of_unknown_connections_only_where_configured(self):
        self.need_sluice()
        for name, vip in self.families():
            source = "fd09:1::99" if ":" in vip else "10.9.1.99"
            for port, answered in ((config.RESET_UNKNOWN, True), (config.PEER, False)):
                with self.subTest(name, port=port), HandmadeClient(self.lab, source, vip, port) as client:
                    dropped = self.dropped("reset_unknown" if answered else "no_connection")
                    client.ack = 4711
                    client.send(ACK, payload=b"who are you?")
                    answer = client.receive(seconds=1)
                    self.assertEqual(answered, answer is not None)
                    if answer:
                        self.assertTrue(answer.flags & RST)
                        self.assertEqual(4711, answer.seq, "RFC 9293 3.10.7.1: the sequence number is the ACK number of the segment")
                    dropped.wait()

    def test_should_let_a_client_reuse_its_port_at_once(self):
        for name, vip in self.families():
            with self.subTest(name):
                source = (plan.CLIENTS_IPV6[1] if ":" in vip else plan.CLIENTS_IPV4[1], 31000)
                for _ in range(30):
                    with Client(self.lab.client, vip, source=source) as client:
                        client.server()
                        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _label(self, client):
        label = uuid.uuid4().hex
        client.command(f"label {label}")
        return label, client.server()

    def _wait_for_fate(self, server, label, fate):
        with Client(self.lab.inner, plan.SERVERS_IPV4[server]) as direct:
            wait_until(lambda: direct.ask(f"fate {label}") == [fate], 10, f"{server} to see {fate}")
