# SPDX-License-Identifier: GPL-2.0-only
"""IPv6 and IPv4, on the wire, in the option and on the listener, in every mixture."""
import socket

from lab import LIP4, LIP6, UNKNOWN, CarrierTest, get_peer
from raw import ACK, PSH, ttm

CLIENT4 = ('198.51.100.7', 40112)
CLIENT6 = ('2001:db8::7', 40112)


def mapped(address):
    return '::ffff:' + address


class FamilyTest(CarrierTest):
    def connected(self, listener, source, options):
        """A connection to this listener: (server's socket, address from accept(), client's port)."""
        client = self.client(listener.getsockname()[1], source=source)
        client.handshake(options)
        return self.accept(listener) + (client.ports[0],)

    def assert_peer(self, connection, accepted, expected):
        self.assertEqual(accepted, expected)
        self.assertEqual(connection.getpeername()[:2], expected)

    def test_should_tell_an_ipv6_client_over_ipv4_by_getsockopt_only(self):
        listener, _ = self.listen()
        for kind in (254, 253):
            connection, accepted, port = self.connected(listener, LIP4, ttm(*CLIENT6, kind=kind))
            self.assert_peer(connection, accepted, (LIP4, port))
            self.assert_client(connection, *CLIENT6)

    def test_should_tell_an_ipv6_client_over_ipv4_on_a_dual_stack_listener(self):
        listener, _ = self.listen(socket.AF_INET6)
        connection, accepted, port = self.connected(listener, LIP4, ttm(*CLIENT6))
        self.assert_peer(connection, accepted, (mapped(LIP4), port))
        self.assert_client(connection, *CLIENT6)

    def test_should_show_an_ipv4_client_on_a_dual_stack_listener(self):
        listener, _ = self.listen(socket.AF_INET6)
        connection, accepted, _ = self.connected(listener, LIP4, ttm(*CLIENT4))
        self.assert_peer(connection, accepted, (mapped(CLIENT4[0]), CLIENT4[1]))
        self.assert_client(connection, *CLIENT4)

    def test_should_show_an_ipv6_client_over_ipv6(self):
        for only_ipv6 in (False, True):
            for kind in (254, 253):
                listener, _ = self.listen(socket.AF_INET6, only_ipv6)
                connection, accepted, _ = self.connected(listener, LIP6, ttm(*CLIENT6, kind=kind))
                self.assert_peer(connection, accepted, CLIENT6)
                self.assert_client(connection, *CLIENT6)

    def test_should_learn_an_ipv6_client_from_data(self):
        listener, port = self.listen(socket.AF_INET6)
        client = self.client(port, source=LIP6)
        client.handshake()
        connection, accepted = self.accept(listener)
        client.data(b'hello', ttm(*CLIENT6), PSH | ACK)
        connection.recv(10)
        self.assertEqual(accepted, (LIP6, client.ports[0]))
        self.assertEqual(connection.getpeername()[:2], CLIENT6)
        self.assert_client(connection, *CLIENT6)

    def test_should_leave_the_address_of_the_other_family_alone(self):
        """No node sends this; a peer of the wrong family in accept() would break the application."""
        listener, _ = self.listen(socket.AF_INET6)
        connection, accepted, port = self.connected(listener, LIP6, ttm(*CLIENT4))
        self.assert_peer(connection, accepted, (LIP6, port))
        self.assert_client(connection, *CLIENT4)

    def test_should_say_nothing_without_an_option(self):
        listener, _ = self.listen(socket.AF_INET6)
        for source, expected in ((LIP4, mapped(LIP4)), (LIP6, LIP6)):
            connection, accepted, port = self.connected(listener, source, b'')
            self.assert_peer(connection, accepted, (expected, port))
            self.assert_unknown(connection)

    def test_should_not_trust_ipv6_strangers(self):
        listener, _ = self.listen(socket.AF_INET6)
        connection, accepted, port = self.connected(listener, 'fd99::66', ttm(*CLIENT6))
        self.assert_peer(connection, accepted, ('fd99::66', port))
        self.assert_counted(untrusted=1)


class TrustTest(CarrierTest):
    trusted = ()

    def is_believed(self, source=LIP4):
        listener, port = self.listen(socket.AF_INET6)
        client = self.client(port, source=source)
        client.handshake(ttm(*CLIENT6))
        error, _, _ = get_peer(self.accept(listener)[0])
        self.assertIn(error, (0, UNKNOWN))
        return error == 0

    def trust(self, *words):
        done = self.lab.ttmctl('trust', *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_should_trust_nobody_when_the_list_is_empty(self):
        self.assertFalse(self.is_believed())
        self.assertFalse(self.is_believed(LIP6))
        self.assert_counted(untrusted=2)

    def test_should_follow_the_list_at_once(self):
        self.trust('add', LIP4)
        self.assertTrue(self.is_believed())
        self.trust('del', LIP4)
        self.assertFalse(self.is_believed())

    def test_should_trust_networks(self):
        self.trust('add', '10.9.0.0/30', 'fd99::/64')
        self.assertTrue(self.is_believed('10.9.0.3'))
        self.assertFalse(self.is_believed('10.9.0.4'))
        self.assertTrue(self.is_believed(LIP6))

    def test_should_keep_the_families_apart(self):
        self.trust('add', '::/0')
        self.assertFalse(self.is_believed(LIP4))
        self.assertTrue(self.is_believed(LIP6))
        self.trust('del', '::/0')
        self.trust('add', '0.0.0.0/0')
        self.assertTrue(self.is_believed(LIP4))
        self.assertFalse(self.is_believed(LIP6))

    def test_should_keep_clients_of_connections_that_are_open_when_the_list_shrinks(self):
        self.trust('add', LIP4)
        connection, _, _ = self.established(ttm(*CLIENT4))
        self.trust('del', LIP4)
        self.assert_client(connection, *CLIENT4)
