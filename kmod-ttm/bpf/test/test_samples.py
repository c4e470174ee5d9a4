# SPDX-License-Identifier: GPL-2.0-only
"""The sample servers that users copy, behind the carrier."""
import errno
import socket
import struct
import subprocess
import time

from lab import LIP4, LIP6, SERVER4, UNKNOWN, CarrierTest
from raw import ttm
from servers import all_servers, missing

SERVERS = all_servers()
CLIENT4, CLIENT6 = ('198.51.100.7', 40112), ('2001:db8::7', 40113)
SHOWN4, SHOWN6 = '198.51.100.7:40112', '[2001:db8::7]:40113'


def proxy_header(address, port):
    """PROXY protocol version 2 for a datagram of this client."""
    family, kind = (socket.AF_INET6, 0x22) if ':' in address else (socket.AF_INET, 0x12)
    client = socket.inet_pton(family, address)
    addresses = client + bytes(len(client)) + struct.pack('!HH', port, 80)
    return b'\r\n\r\n\0\r\nQUIT\n' + struct.pack('!BBH', 0x21, kind, len(addresses)) + addresses


class SampleTest(CarrierTest):
    port = 8000

    def start(self, command, *arguments):
        with self.lab.server:
            server = subprocess.Popen([*command, '--port', str(self.port), *arguments], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), f'listening on port {self.port}\n')
        return server

    def test_should_have_every_sample(self):
        """Not what the samples do: that none was left out unnoticed."""
        reasons = missing(SERVERS)
        if reasons:
            self.skipTest('; '.join(f'{name}: {reason}' for name, reason in reasons.items()))

    def test_should_print_and_answer_the_client(self):
        for language, command in SERVERS.items():
            with self.subTest(language):
                server = self.start(command, '--name', 'rs1', '--count', '4')
                expected = f'rs1 accept={SHOWN4} getpeername={SHOWN4} ttm={SHOWN4}\n'
                answer, _ = self.ask(self.port, LIP4, ttm(*CLIENT4), b'GET / HTTP/1.1\r\nHost: vip\r\n\r\n')
                self.assertEqual(answer, 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
                                 f'Content-Length: {len(expected)}\r\nConnection: close\r\n\r\n{expected}')
                self.assertEqual(server.stdout.readline(), expected)
                self.assertEqual(self.ask(self.port, LIP4, ttm(*CLIENT4), b'')[0], expected)

                answer, port = self.ask(self.port, LIP4, ttm(*CLIENT6), b'GET / HTTP/1.1\r\n\r\n')
                over_ipv4 = f'rs1 accept={LIP4}:{port} getpeername={LIP4}:{port} ttm={SHOWN6}\n'
                self.assertTrue(answer.endswith('\r\n\r\n' + over_ipv4), answer)

                answer, port = self.ask(self.port, LIP6, b'', b'HEAD / HTTP/1.1\r\n\r\n')
                self.assertTrue(answer.endswith('\r\n\r\n'), answer)
                self.assertEqual(server.stdout.read().splitlines()[2],
                                 f'rs1 accept=[{LIP6}]:{port} getpeername=[{LIP6}]:{port} ttm=none({errno.errorcode[UNKNOWN]})')
                self.assertEqual(server.wait(60), 0)

    def test_should_tell_a_client_that_becomes_known_after_accept(self):
        for language, command in SERVERS.items():
            if 'source, searching' in language:
                continue  # says so in its header
            with self.subTest(language):
                server = self.start(command, '--once')
                client = self.client(self.port)
                client.handshake()
                time.sleep(0.3)
                client.data(b'hello', ttm(*CLIENT4))
                self.assertIn(f' ttm={SHOWN4}\n', client.receive_text())
                self.assertEqual(server.wait(60), 0)

    def test_should_serve_each_family_alone(self):
        for language, command in SERVERS.items():
            for family, source, client, shown in (('ipv4', LIP4, CLIENT4, SHOWN4), ('ipv6', LIP6, CLIENT6, SHOWN6)):
                with self.subTest(language + ' ' + family):
                    server = self.start(command, '--family', family, '--once')
                    answer, _ = self.ask(self.port, source, ttm(*client), b'hello\n')
                    self.assertEqual(answer, f'accept={shown} getpeername={shown} ttm={shown}\n')
                    self.assertEqual(server.wait(60), 0)

    def test_should_answer_datagrams_with_the_client_of_the_proxy_header(self):
        header4, header6 = proxy_header(*CLIENT4), proxy_header(*CLIENT6)
        for language, command in SERVERS.items():
            with self.subTest(language):
                server = self.start(command, '--udp', '--count', '5')
                with self.lab.server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.settimeout(5)
                    client.connect((SERVER4, self.port))
                    own = f'{SERVER4}:{client.getsockname()[1]}'
                    for datagram, proxy, payload in ((header4 + b'hi', SHOWN4, b'hi'), (header6, SHOWN6, b''),
                                                     (b'x' * 4000, 'none', b'x' * 4000), (b'', 'none', b''),
                                                     (header4[:20], 'none', header4[:20])):
                        client.send(datagram)
                        line = f'from={own} proxy={proxy} bytes={len(payload)}\n'
                        self.assertEqual(client.recv(65536), line.encode() + payload)
                self.assertEqual(server.wait(60), 0)
