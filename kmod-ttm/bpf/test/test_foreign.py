# SPDX-License-Identifier: GPL-2.0-only
"""Options of other load balancers, which use the same layout with kinds of their own."""
import socket

from lab import LIP4, LIP6, CarrierTest
from raw import NOP, ttm

CLIENT4, CLIENT6 = ('198.51.100.7', 40112), ('2001:db8::7', 40113)


class OtherKindsTest(CarrierTest):
    options = ('--kinds', '200,28,253')

    def test_should_believe_the_kinds_that_were_named(self):
        for kind in (200, 28):
            for address in (CLIENT4, CLIENT6):
                connection, _, _ = self.established(ttm(*address, kind=kind))
                self.assert_client(connection, *address)

    def test_should_take_253_for_ipv6_clients_only(self):
        connection, _, _ = self.established(ttm(*CLIENT6, kind=253))
        self.assert_client(connection, *CLIENT6)

    def test_should_not_believe_a_kind_that_was_not_named(self):
        connection, accepted, client = self.established(ttm(*CLIENT4))
        self.assertEqual(accepted, (LIP4, client.ports[0]))
        self.assert_unknown(connection)
        self.assert_counted(no_option=1)

    def test_should_keep_the_kinds_through_an_upgrade(self):
        self.assertEqual(self.lab.ttmctl('upgrade').returncode, 0)
        connection, _, _ = self.established(ttm(*CLIENT4, kind=200))
        self.assert_client(connection, *CLIENT4)
        self.assertIn('253 (IPv6 only), 200, 28\n', self.lab.ttmctl('status').stdout)


class ToaTest(CarrierTest):
    """What FULLNAT load balancers of the TOA family send: kind 254, length 8, on every segment until there is data of the server; and
    for IPv6 clients kind 253, length 20. Some put it behind the other options."""

    def test_should_show_the_client_of_every_such_segment(self):
        timestamp = NOP * 2 + b'\x08\x0a\0\0\0\x02\0\0\0\x01'
        for options in (ttm(*CLIENT4), ttm(*CLIENT4) + timestamp, timestamp + ttm(*CLIENT4)):
            connection, accepted, client = self.established(options)
            client.data(b'hello', options)
            self.assertEqual(connection.recv(10), b'hello')
            self.assertEqual(accepted, CLIENT4)
            self.assert_client(connection, *CLIENT4)

    def test_should_show_their_ipv6_clients(self):
        for family, source in ((socket.AF_INET, LIP4), (socket.AF_INET6, LIP6)):
            listener, port = self.listen(family)
            client = self.client(port, source=source)
            client.handshake(ttm(*CLIENT6, kind=253))
            self.assert_client(self.accept(listener)[0], *CLIENT6)
