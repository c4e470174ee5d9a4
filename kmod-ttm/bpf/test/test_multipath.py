# SPDX-License-Identifier: GPL-2.0-only
"""Listeners that offer MPTCP, as those of Go do, with clients that speak it and clients that do not."""
import errno
import socket
import struct
import unittest

from lab import LIP4, LIP6, STRANGER4, CarrierTest
from raw import ACK, NOP, ttm

IPPROTO_MPTCP = 262
CLIENT4, CLIENT6 = ('198.51.100.7', 40112), ('2001:db8::7', 40113)
VERSION, SHA256 = 1, 1
OUR_KEY = b'client\0\1'


def capable(*keys):
    """The option MP_CAPABLE (RFC 8684) with these keys."""
    return struct.pack('!BBBB', 30, 4 + 8 * len(keys), VERSION, SHA256) + b''.join(keys)


class MultipathTest(CarrierTest):
    def listen_multipath(self, family=socket.AF_INET):
        try:
            return self.listen(family, protocol=IPPROTO_MPTCP)
        except OSError as error:
            if error.errno in (errno.EPROTONOSUPPORT, errno.ENOPROTOOPT):
                raise unittest.SkipTest('this kernel has no MPTCP') from error
            raise

    def connect(self, port, options, **client_options):
        """A client that speaks MPTCP, with these options on its third segment too."""
        client = self.client(port, **client_options)
        answered = client.syn(capable())
        at = answered.find(struct.pack('!BB', 30, 12))
        self.assertGreaterEqual(at, 0, 'the server does not speak MPTCP')
        client.send(ACK, options + capable(OUR_KEY, answered[at + 4:at + 12]))
        return client

    def connected(self, source=LIP4, options=b'', family=socket.AF_INET):
        """(server's socket, address from accept(), client)."""
        listener, port = self.listen_multipath(family)
        client = self.connect(port, options, source=source)
        connection, accepted = self.accept(listener)
        self.assertEqual(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL), IPPROTO_MPTCP)
        return connection, accepted, client

    def test_should_show_a_client_that_does_not_speak_it(self):
        listener, port = self.listen_multipath()
        client = self.client(port)
        client.handshake(ttm(*CLIENT4))
        connection, accepted = self.accept(listener)
        self.assertEqual(accepted, CLIENT4)
        self.assert_client(connection, *CLIENT4)

    def test_should_show_a_client_that_speaks_it(self):
        for family, source, address in ((socket.AF_INET, LIP4, CLIENT4), (socket.AF_INET6, LIP6, CLIENT4)):
            connection, accepted, _ = self.connected(source, ttm(*address), family)
            if source == LIP4:
                self.assertEqual(accepted, address)
                self.assertEqual(connection.getpeername(), address)
            self.assert_client(connection, *address)

    def test_should_show_it_on_a_dual_stack_listener(self):
        connection, accepted, _ = self.connected(LIP4, ttm(*CLIENT4), socket.AF_INET6)
        self.assertEqual(accepted, ('::ffff:' + CLIENT4[0], CLIENT4[1]))
        self.assert_client(connection, *CLIENT4)

    def test_should_show_an_ipv6_client_where_the_option_fits(self):
        connection, accepted, client = self.connected(LIP4, ttm(*CLIENT6))
        self.assertEqual(accepted, (LIP4, client.ports[0]))
        self.assert_client(connection, *CLIENT6)

    def test_should_not_believe_a_stranger(self):
        connection, accepted, client = self.connected(STRANGER4, ttm(*CLIENT4))
        self.assertEqual(accepted, (STRANGER4, client.ports[0]))
        self.assert_unknown(connection)
        self.assert_counted(untrusted=1)

    def test_should_not_show_the_client_of_an_earlier_connection_with_the_same_ends(self):
        listener, port = self.listen_multipath()
        client = self.connect(port, ttm(*CLIENT4), source_port=30000)
        self.wait_for(lambda: self.lab.counters()['stored'] == 1)
        listener.close()  # it was never accepted
        listener, _ = self.listen(protocol=IPPROTO_MPTCP, port=port)
        client = self.connect(port, NOP * 8, source_port=30000)
        connection, accepted = self.accept(listener)
        self.assertEqual(accepted, (LIP4, 30000))
        self.assert_unknown(connection)
        self.assert_counted(stored=1, no_option=1)
