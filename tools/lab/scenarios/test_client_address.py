"""The real server's program sees the client, and only the client that Sluice saw."""

import ipaddress
import re

from scenarios.shared import Scenario
from topology import config, plan
from topology.packets import ACK, PSH, RST, SYN, HandmadeClient

KIND = 254


def ttm_option(address, port, kind=KIND):
    """The TTM option, as a client might forge it."""
    packed = ipaddress.ip_address(address).packed
    return bytes([kind, 4 + len(packed)]) + port.to_bytes(2) + packed


class ClientAddress(Scenario):
    """getsockopt(1345), accept() and getpeername()."""

    def setUp(self):
        self.need_sluice()

    def test_should_show_the_client_to_getsockopt(self):
        for name, vip in self.families():
            with self.subTest(name):
                for _ in range(10):
                    client = self.client(vip)
                    answer = client.ask("who")
                    self.assertEqual([client.local[0], str(client.local[1])], answer[3:])

    def test_should_show_the_client_to_getpeername_where_the_families_agree(self):
        for name, vip in self.families():
            with self.subTest(name):
                client = self.client(vip)
                address, port = client.ask("who")[1:3]
                if name == "6to4":
                    self.assertEqual(plan.LOCAL_IPV4, address)
                else:
                    self.assertEqual([client.local[0], str(client.local[1])], [address, port])

    def test_should_show_the_client_to_nginx(self):
        for _ in range(4):
            answer = self.lab.client.run("curl", "-sS", "-w", "%{local_ip} %{local_port}", f"http://{plan.VIP_IPV4}/client")
            seen, real = answer.splitlines()
            self.assertEqual(real, seen.split(" ", 1)[1])

    def test_should_show_every_client_its_own_address(self):
        for name, vip in self.families():
            sources = plan.CLIENTS_IPV6 if ":" in vip else plan.CLIENTS_IPV4
            for source in sources:
                with self.subTest(name, source=source):
                    client = self.client(vip, source=(source, 0))
                    self.assertEqual([source, str(client.local[1])], client.ask("who")[3:])

    def test_should_show_the_client_to_the_samples(self):
        for role in ("rs1", "rs2"):
            self.shared.servers[role].start_sample_c()
            self.shared.servers[role].start_sample_python()
        for port in (config.SAMPLE_C, config.SAMPLE_PYTHON):
            for name, vip in self.families("4to4", "6to4"):
                with self.subTest(name, port=port):
                    host = f"[{vip}]" if ":" in vip else vip
                    body = self.lab.client.run("curl", "-sS", "-w", "\nreal=%{local_ip} %{local_port}", f"http://{host}:{port}/")
                    seen = dict(re.findall(r"(accept|getpeername|ttm)=(\S+)", body))
                    ip, local_port = re.search(r"real=(\S+) (\d+)", body).groups()
                    real = f"[{ip}]:{local_port}" if ":" in ip else f"{ip}:{local_port}"
                    self.assertEqual(real, seen["ttm"])
                    if name == "4to4":
                        self.assertEqual([real, real], [seen["accept"], seen["getpeername"]])

    def test_should_insert_nothing_where_the_listener_says_so(self):
        for name, vip in self.families():
            with self.subTest(name):
                self.assertEqual("none", self.client(vip, config.PLAIN).ask("who")[3])

    def test_should_remove_what_a_client_forges(self):
        for vip, source, forged in self._forgeries():
            for kind in (254, 253):
                option = ttm_option(forged, 666, kind)
                with self.subTest(vip, kind=kind):
                    sport, answer = self._who(vip, config.PEER, source, option)
                    self.assertEqual([source, str(sport)], answer[3:])

    def test_should_remove_what_a_client_forges_also_where_it_inserts_nothing(self):
        for vip, source, forged in self._forgeries():
            with self.subTest(vip):
                self.assertEqual(["none"], self._who(vip, config.PLAIN, source, ttm_option(forged, 666))[1][3:])

    def test_should_insert_beside_all_the_options_that_fit(self):
        # 36 bytes of options leave no room: padding and SACK blocks give way.
        nops = b"\1" * 36
        for vip, source, _ in self._forgeries():
            with self.subTest(vip):
                sport, answer = self._who(vip, config.PEER, source, nops)
                self.assertEqual([source, str(sport)], answer[3:])

    def test_should_believe_a_trusted_source(self):
        source, forged = "10.9.1.98", "192.0.2.77"

        def trust(settings):
            config.listener(settings, "peer")["ttm"] = {"trustedSources": [source + "/32"]}
        with self.balancer.configured(trust):
            self.assertEqual([forged, "666"], self._who(plan.VIP_IPV4, config.PEER, source, ttm_option(forged, 666))[1][3:])

    def _forgeries(self):
        yield plan.VIP_IPV4, "10.9.1.97", "192.0.2.66"
        yield plan.VIP_6TO4, "fd09:1::97", "2001:db8::66"
        yield plan.VIP_IPV6, "fd09:1::97", "2001:db8::66"

    def _who(self, vip, port, source, option):
        """Asks "who" with the option on every segment after the SYN; gives the client's port and the words of the answer."""
        with HandmadeClient(self.lab, source, vip, port) as client:
            client.connect(ack_options=option)
            client.send(ACK | PSH, option, b"who\n")
            answer = client.receive(wanted=lambda packet: packet.payload and not packet.flags & SYN)
            self.assertIsNotNone(answer, "no answer to who")
            client.send(RST)
            return client.sport, answer.payload.decode().split()
