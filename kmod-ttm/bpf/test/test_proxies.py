# SPDX-License-Identifier: GPL-2.0-only
"""nginx and HAProxy behind the carrier, unchanged: every statement that tools/ttm-samples/proxies/README.md makes about them."""
import os
import shutil
import socket
import subprocess
import tempfile

from lab import LIP4, LIP6, CarrierTest
from raw import ttm

CONFIGURATIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools/ttm-samples/proxies')
CLIENT4, CLIENT6 = ('198.51.100.7', 40112), ('2001:db8::7', 40113)
STRANGER = ('203.0.113.9', 50000)
PATH = os.environ['PATH'] + ':/usr/sbin:/sbin'


class ProxyTest(CarrierTest):
    def start(self, program, port, *words):
        command = shutil.which(program, path=PATH)
        if not command:
            self.skipTest(f'{program} is not installed')
        self.folder = tempfile.mkdtemp(prefix='sluice-test-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.said = open(os.path.join(self.folder, 'said'), 'w+')
        self.addCleanup(self.said.close)
        with self.lab.server:
            process = subprocess.Popen([command, *words], cwd=self.folder, stdout=self.said, stderr=self.said)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.wait_for(lambda: process.poll() is not None or self.is_open(port))
        self.assertIsNone(process.poll(), self.text_of('said'))

    def is_open(self, port):
        with self.lab.server, socket.socket() as probe:
            return probe.connect_ex(('127.0.0.1', port)) == 0

    def text_of(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def get(self, port, source, client, path='/'):
        """(status, body, port of the sender) of a request in the name of this client, if any."""
        options = ttm(*client) if client else b''
        answer, sent_from = self.ask(port, source, options, f'GET {path} HTTP/1.0\r\nHost: vip\r\n\r\n'.encode())
        head, _, body = answer.partition('\r\n\r\n')
        return int(head.split()[1]), body.strip(), sent_from

    def assert_sees_clients(self, port, log):
        """The client itself; of an IPv6 client over IPv4, and of one that is not named, the local address."""
        self.assertEqual(self.get(port, LIP4, CLIENT4)[:2], (200, '198.51.100.7 40112'))
        self.assertEqual(self.get(port, LIP6, CLIENT6)[:2], (200, '2001:db8::7 40113'))
        _, seen, sent_from = self.get(port, LIP4, CLIENT6)
        self.assertEqual(seen, f'{LIP4} {sent_from}')
        _, seen, sent_from_unnamed = self.get(port, LIP4, None)
        self.assertEqual(seen, f'{LIP4} {sent_from_unnamed}')
        expected = ['198.51.100.7 40112', '2001:db8::7 40113', f'{LIP4} {sent_from}', f'{LIP4} {sent_from_unnamed}']
        self.wait_for(lambda: [line.replace('client ', '') for line in self.text_of(log).splitlines()
                               if not line.endswith('127.0.0.1')][-4:] == expected)

    def assert_lists_work(self, port):
        for source, client, expected in ((LIP4, CLIENT4, 204), (LIP6, CLIENT6, 204), (LIP4, STRANGER, 403), (LIP4, CLIENT6, 403),
                                         (LIP4, None, 403)):
            with self.subTest(client=client, source=source):
                self.assertEqual(self.get(port, source, client, '/private')[0], expected)

    def assert_forwards(self, port):
        self.assertEqual(self.get(port, LIP4, CLIENT4, '/forwarded')[1], CLIENT4[0])
        self.assertEqual(self.get(port, LIP6, CLIENT6, '/forwarded')[1], CLIENT6[0])
        self.assertEqual(self.get(port, LIP4, CLIENT6, '/forwarded')[1], LIP4)


    def assert_limits(self, port):
        """One request for each client, however many clients come from one local address."""
        for source, client, expected in ((LIP4, CLIENT4, 204), (LIP4, CLIENT4, 503), (LIP4, STRANGER, 204), (LIP6, CLIENT6, 204),
                                         (LIP6, CLIENT6, 503)):
            self.assertEqual(self.get(port, source, client, '/limited')[0], expected)


class NginxTest(ProxyTest):
    def setUp(self):
        super().setUp()
        self.start('nginx', 8082, '-p', '.', '-c', os.path.join(CONFIGURATIONS, 'nginx.conf'))

    def test_should_answer_and_log_the_client(self):
        self.assert_sees_clients(8081, 'access.log')

    def test_should_allow_and_deny_the_client(self):
        self.assert_lists_work(8081)

    def test_should_forward_the_client(self):
        self.assert_forwards(8081)

    def test_should_limit_each_client_by_itself(self):
        self.assert_limits(8081)


class HaproxyTest(ProxyTest):
    def setUp(self):
        super().setUp()
        self.start('haproxy', 8084, '-db', '-f', os.path.join(CONFIGURATIONS, 'haproxy.cfg'))

    def test_should_answer_and_log_the_client(self):
        self.assert_sees_clients(8083, 'said')

    def test_should_allow_and_deny_the_client(self):
        self.assert_lists_work(8083)

    def test_should_forward_the_client(self):
        self.assert_forwards(8083)

    def test_should_limit_each_client_by_itself(self):
        self.assert_limits(8083)

    def test_should_forward_the_client_by_the_proxy_protocol(self):
        self.assertEqual(self.get(8085, LIP4, CLIENT4)[1], '198.51.100.7 40112')
        _, seen, sent_from = self.get(8085, LIP4, CLIENT6)
        self.assertEqual(seen, f'{LIP4} {sent_from}')
