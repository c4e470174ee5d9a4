# SPDX-License-Identifier: GPL-2.0-only
"""Which option of which segment is believed. IPv4 all the way; other families are in test_families."""
import socket
import struct

from lab import LIP4, STRANGER4, CarrierTest, checked, get_peer, libc, set_sysctl
from raw import ACK, END, FIN, NOP, PSH, RST, SYN, timestamps, ttm

CLIENT = ('198.51.100.7', 40112)
OTHER = ('203.0.113.9', 50000)


class OptionTest(CarrierTest):
    def assert_everywhere(self, connection, accepted, client=CLIENT):
        self.assertEqual(accepted, client)
        self.assertEqual(connection.getpeername(), client)
        self.assert_client(connection, *client)

    def assert_nowhere(self, connection, accepted, client):
        self.assertEqual(accepted, (LIP4, client.ports[0]))
        self.assertEqual(connection.getpeername(), accepted)
        self.assert_unknown(connection)

    def test_should_believe_the_third_ack(self):
        connection, accepted, _ = self.established(ttm(*CLIENT))
        self.assert_everywhere(connection, accepted)
        self.assert_counted(stored=1, answered=1)

    def test_should_find_it_among_timestamps(self):
        for options in (lambda echo: ttm(*CLIENT) + timestamps(2, echo), lambda echo: timestamps(2, echo) + ttm(*CLIENT)):
            listener, port = self.listen()
            client = self.client(port)
            client.syn(b'\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\x01\0\0\0\0\x01\x03\x03\x07')
            client.send(ACK, options(client.server_timestamp))
            self.assert_everywhere(*self.accept(listener))

    def test_should_find_it_anywhere_in_40_bytes(self):
        unknown = bytes([252, 32]) + b'\xfe' * 30  # its body looks like options, which it is not
        for options in (ttm(*CLIENT) + unknown, unknown + ttm(*CLIENT), NOP * 16 + ttm(*CLIENT) + NOP * 16, NOP * 32 + ttm(*CLIENT)):
            connection, accepted, _ = self.established(options)
            self.assert_everywhere(connection, accepted)

    def test_should_leave_the_peer_alone_without_an_option(self):
        connection, accepted, client = self.established(b'')
        self.assert_nowhere(connection, accepted, client)
        self.assert_counted(no_option=1, unknown=1)

    def test_should_not_read_behind_the_end_of_options(self):
        connection, accepted, client = self.established(END + NOP * 3 + ttm(*CLIENT))
        self.assert_nowhere(connection, accepted, client)

    def test_should_learn_from_the_first_data(self):
        connection, accepted, client = self.established(b'')
        client.data(b'hello', ttm(*CLIENT))
        self.assertEqual(connection.recv(10), b'hello')
        self.assertEqual(accepted, (LIP4, client.ports[0]))
        self.assertEqual(connection.getpeername(), CLIENT)
        self.assert_client(connection, *CLIENT)
        self.assert_counted(no_option=1, stored=1, stored_late=1)

    def test_should_learn_from_later_data_while_the_server_is_silent(self):
        connection, _, client = self.established(b'')
        client.data(b'one')
        connection.recv(10)
        self.assert_unknown(connection)
        client.data(b'two', ttm(*CLIENT))
        connection.recv(10)
        self.assertEqual(connection.getpeername(), CLIENT)

    def test_should_not_believe_an_option_after_server_data_was_acknowledged(self):
        connection, _, client = self.established(b'')
        client.data(b'question')
        connection.recv(10)
        connection.sendall(b'answer')
        _, seq, _, _, payload = client.receive(lambda flags: flags & PSH)
        client.ack = (seq + len(payload)) & 0xffffffff
        client.data(b'next')
        connection.recv(10)
        client.data(b'forged', ttm(*CLIENT))
        connection.recv(10)
        self.assertEqual(connection.getpeername(), (LIP4, client.ports[0]))
        self.assert_unknown(connection)
        self.assert_counted(no_option=1)

    def test_should_survive_a_lost_third_ack(self):
        listener, port = self.listen()
        client = self.client(port)
        client.syn()
        client.data(b'hello', ttm(*CLIENT))
        connection, accepted = self.accept(listener)
        self.assert_everywhere(connection, accepted)
        self.assertEqual(connection.recv(10), b'hello')
        self.assert_counted(stored=1)

    def test_should_work_with_syn_cookies(self):
        with self.lab.server:
            set_sysctl('net/ipv4/tcp_syncookies', 2)
        try:
            connection, accepted, _ = self.established(ttm(*CLIENT))
            self.assert_everywhere(connection, accepted)
            listener, port = self.listen()
            client = self.client(port)
            client.syn()
            client.data(b'hello', ttm(*OTHER))
            self.assert_everywhere(*self.accept(listener), client=OTHER)
        finally:
            with self.lab.server:
                set_sysctl('net/ipv4/tcp_syncookies', 1)

    def test_should_work_with_deferred_accept(self):
        listener, port = self.listen()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
        client = self.client(port)
        client.handshake(ttm(*CLIENT))
        client.data(b'hello', ttm(*CLIENT))
        self.assert_everywhere(*self.accept(listener))

    def test_should_ignore_an_untrusted_sender(self):
        connection, accepted, client = self.established(ttm(*CLIENT), source=STRANGER4)
        self.assertEqual(accepted, (STRANGER4, client.ports[0]))
        client.data(b'hello', ttm(*CLIENT))
        connection.recv(10)
        self.assertEqual(connection.getpeername(), accepted)
        self.assert_unknown(connection)
        self.assert_counted(untrusted=1, unknown=1)

    def test_should_ignore_the_second_option_of_a_segment(self):
        connection, accepted, _ = self.established(ttm(*CLIENT) + ttm(*OTHER))
        self.assert_everywhere(connection, accepted)
        self.assert_counted(stored=1, duplicate=1)

    def test_should_keep_the_first_client_when_a_later_segment_names_another(self):
        connection, accepted, client = self.established(ttm(*CLIENT))
        client.data(b'hello', ttm(*OTHER))
        connection.recv(10)
        self.assert_everywhere(connection, accepted)
        self.assert_counted(stored=1)

    def test_should_ignore_an_option_on_the_syn(self):
        listener, port = self.listen()
        client = self.client(port)
        client.handshake(b'', syn_options=ttm(*CLIENT))
        connection, accepted = self.accept(listener)
        self.assert_nowhere(connection, accepted, client)
        self.assert_counted(no_option=1)

    def test_should_ignore_an_option_on_a_syn_that_makes_the_socket(self):
        with self.lab.server:
            set_sysctl('net/ipv4/tcp_fastopen', 0x2 | 0x200 | 0x400)  # server, without cookies, on every listener
        try:
            listener, port = self.listen()
            client = self.client(port)
            client.send(SYN, bytes([34, 2]) + NOP * 2 + ttm(*OTHER), b'early')
            _, seq, ack, _, _ = client.receive(lambda flags: flags & SYN)
            self.assertEqual(ack, (client.seq + 6) & 0xffffffff, 'no Fast Open')
            client.seq, client.ack, client.open = ack, (seq + 1) & 0xffffffff, True
            connection, accepted = self.accept(listener)
            self.assert_nowhere(connection, accepted, client)
            client.send(ACK)
            client.data(b'later', ttm(*CLIENT))
            self.assertEqual(connection.recv(10, socket.MSG_WAITALL), b'earlylater')
            self.assertEqual(connection.getpeername(), CLIENT)
        finally:
            with self.lab.server:
                set_sysctl('net/ipv4/tcp_fastopen', 1)

    def test_should_ignore_an_option_on_a_reset(self):
        connection, accepted, client = self.established(b'')
        client.send(RST | ACK, ttm(*CLIENT))
        with self.assertRaises(ConnectionResetError):
            connection.recv(10)
        self.assert_unknown(connection)
        self.assert_counted(no_option=1)

    def test_should_believe_a_fin_that_completes_the_handshake(self):
        listener, port = self.listen()
        client = self.client(port)
        client.syn()
        client.data(b'all', ttm(*CLIENT), FIN | PSH | ACK)
        connection, accepted = self.accept(listener)
        self.assertEqual(connection.recv(10) + connection.recv(10), b'all')
        self.assert_everywhere(connection, accepted)

    def test_should_take_a_port_that_reads_as_fast_open(self):
        client = (CLIENT[0], 63881)
        connection, accepted, _ = self.established(ttm(*client))
        self.assert_everywhere(connection, accepted, client)
        connection, _, raw = self.established(b'')
        raw.data(b'hello', ttm(*client))
        connection.recv(10)
        self.assertEqual(connection.getpeername(), client)

    def test_should_take_any_port(self):
        for port in (0, 1, 255, 256, 65535):
            connection, accepted, _ = self.established(ttm(CLIENT[0], port))
            self.assert_everywhere(connection, accepted, (CLIENT[0], port))

    def test_should_serve_a_listener_older_than_the_carrier(self):
        self.lab.ttmctl('detach')
        listener, port = self.listen()
        self.lab.ttmctl('attach', '--cgroup', self.lab.cgroup, LIP4)
        client = self.client(port)
        client.handshake(ttm(*CLIENT))
        self.assert_everywhere(*self.accept(listener))

    def test_should_forget_the_client_of_a_socket_that_connects_elsewhere(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        self.assert_client(connection, *CLIENT)
        other, port = self.listen()
        unspecified = struct.pack('=H14x', socket.AF_UNSPEC)
        checked(libc.connect(connection.fileno(), unspecified, len(unspecified)))
        connection.connect(('127.0.0.1', port))
        self.assertEqual(connection.getpeername(), ('127.0.0.1', port))
        self.assert_unknown(connection)

    def test_should_show_the_client_of_each_of_2000_connections(self):
        listener, port = self.listen()
        self.assertEqual(self.sockets_in_use(), 1)
        for number in range(2000):
            expected = (f'100.64.{number >> 8}.{number & 255}', 1024 + number)
            client = self.lab.connect(port, source=f'10.9.0.{2 + number % 2}')
            client.handshake(ttm(*expected))
            connection, accepted = listener.accept()
            trusted = number % 2 == 0
            self.assertEqual(accepted, expected if trusted else ('10.9.0.3', client.ports[0]))
            self.assertEqual(get_peer(connection)[0] == 0, trusted)
            client.reset()
            connection.close()
        self.assert_counted(stored=1000, untrusted=1000)
        self.assertEqual(self.sockets_in_use(), 1)

    def sockets_in_use(self):
        with self.lab.server, open('/proc/thread-self/net/sockstat') as statistics:
            words = next(line for line in statistics if line.startswith('TCP:')).split()
        return int(words[words.index('inuse') + 1])
