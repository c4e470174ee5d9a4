# SPDX-License-Identifier: GPL-2.0-only
"""What nobody should send: broken options, too many of them, and floods."""
from lab import LIP4, STRANGER4, CarrierTest
from raw import ACK, NOP, PSH, SYN, ttm

CLIENT = ('198.51.100.7', 40112)
OTHER = ('203.0.113.9', 50000)


class MalformedOptionTest(CarrierTest):
    """A broken option is never believed, and does not stop a good one on the next segment."""
    broken = {
        'length 0': bytes([254, 0]) + ttm(*CLIENT)[2:],
        'length 1': bytes([254, 1]) + ttm(*CLIENT)[2:],
        'length 2': bytes([254, 2]) + NOP * 6,
        'length 7': bytes([254, 7]) + ttm(*CLIENT)[2:],
        'length 9': bytes([254, 9]) + ttm(*CLIENT)[2:] + NOP * 4,
        'length 16': bytes([254, 16]) + ttm(*CLIENT)[2:] + bytes(8),
        'length 255': bytes([254, 255]) + ttm(*CLIENT)[2:],
        'length 8, four bytes left': ttm(*CLIENT)[:4],
        'length 20, sixteen bytes left': ttm('2001:db8::7', 1)[:16],
        'length byte last': NOP * 2 + bytes([254, 8]),
        'kind 253 with an IPv4 address': ttm(*CLIENT, kind=253),
        'another option overruns': bytes([252, 77, 0, 0]),
        'another option of length 0': bytes([252, 0, 0, 0]) + ttm(*CLIENT),
    }

    def test_should_not_believe_it_on_data(self):
        for name, options in self.broken.items():
            with self.subTest(name):
                before = self.lab.counters()['malformed']
                connection, _, client = self.established(b'')
                client.send(PSH | ACK, options, b'bad')
                # Newer kernels drop such a segment. Then the good one fills the gap, and what was sent is the same.
                client.send(PSH | ACK, ttm(*OTHER), b'bad')
                self.assertEqual(connection.recv(10), b'bad')
                client.seq += 3
                client.data(b'good', ttm(*OTHER))
                self.assertEqual(connection.recv(10), b'good')
                self.assert_client(connection, *OTHER)
                self.assertLessEqual(self.lab.counters()['malformed'] - before, 1)

    def test_should_not_believe_it_on_the_third_ack(self):
        for name, options in self.broken.items():
            with self.subTest(name):
                listener, port = self.listen()
                client = self.client(port)
                client.handshake(options)
                client.data(b'good', ttm(*OTHER))
                connection, _ = self.accept(listener)
                self.assertEqual(connection.recv(10), b'good')
                self.assert_client(connection, *OTHER)

    def test_should_count_each(self):
        for name, options in self.broken.items():
            with self.subTest(name):
                before = self.lab.counters()
                connection, _, client = self.established(b'')
                client.data(b'bad', options)
                try:
                    connection.recv(10)
                except TimeoutError:
                    continue  # newer kernels drop the segment, before any program sees it
                self.assert_unknown(connection)
                after = self.lab.counters()
                self.assertEqual({key: after[key] - before[key] for key in ('no option', 'malformed', 'stored')},
                                 {'no option': 1, 'malformed': 1, 'stored': 0})

    def test_should_take_a_lone_kind_in_the_last_byte_for_nothing(self):
        connection, _, client = self.established(NOP * 3 + bytes([254]))
        client.data(b'good')
        self.assertEqual(connection.recv(10), b'good')
        self.assert_unknown(connection)
        self.assert_counted(no_option=1)


class CrowdedHeaderTest(CarrierTest):
    """All 40 bytes that a header has for options."""

    def test_should_believe_the_first_of_many(self):
        crowd = b''.join(ttm(OTHER[0], port) for port in range(1, 5))
        connection, accepted, _ = self.established(ttm(*CLIENT) + crowd)
        self.assertEqual(accepted, CLIENT)
        self.assert_client(connection, *CLIENT)
        self.assert_counted(stored=1, duplicate=1)

    def test_should_believe_the_first_of_two_ipv6_clients(self):
        connection, _, _ = self.established(ttm('2001:db8::7', 1) + ttm('2001:db8::8', 2))
        self.assert_client(connection, '2001:db8::7', 1)
        self.assert_counted(stored=1, duplicate=1)

    def test_should_walk_twenty_options(self):
        connection, _, _ = self.established(bytes([252, 2]) * 16 + ttm(*CLIENT))
        self.assert_client(connection, *CLIENT)

    def test_should_find_none_in_forty_bytes_of_nothing(self):
        for options in (NOP * 40, bytes(40), bytes([252, 2]) * 20, bytes([252, 40]) + ttm(*CLIENT) * 4 + bytes(6)):
            connection, _, _ = self.established(options)
            self.assert_unknown(connection)
        self.assert_counted(no_option=4)


class FloodTest(CarrierTest):
    syns = 5000

    def flood(self, port, send):
        """So many clients that each send this; and one, before they are gone, that means it."""
        for number in range(self.syns):
            send(self.lab.connect(port, source=f'10.9.0.{2 + number % 64}'))
            self.lab.forget_answers()
        client = self.client(port)
        client.handshake(ttm(*CLIENT))
        return client

    def test_should_not_notice_half_open_connections(self):
        listener, port = self.listen()
        self.flood(port, lambda client: client.send(SYN, ttm(*OTHER)))
        self.assertEqual(self.accept(listener)[1], CLIENT)
        self.assert_counted(stored=1)

    def test_should_not_notice_third_segments_that_nobody_asked_for(self):
        listener, port = self.listen()
        self.flood(port, lambda client: client.send(PSH | ACK, ttm(*OTHER), b'data', ack=client.seq))
        self.assertEqual(self.accept(listener)[1], CLIENT)
        self.assert_counted(stored=1)

    def test_should_count_a_flood_of_strangers(self):
        listener, port = self.listen()
        for _ in range(500):
            client = self.lab.connect(port, source=STRANGER4)
            client.handshake(ttm(*CLIENT))
            connection, accepted = listener.accept()
            self.assertEqual(accepted[0], STRANGER4)
            connection.close()
            client.reset()
        self.assert_counted(untrusted=500)
