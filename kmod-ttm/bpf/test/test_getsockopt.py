# SPDX-License-Identifier: GPL-2.0-only
"""The answer of getsockopt(1345), byte for byte, and every other getsockopt() as if the carrier were not there."""
import ctypes
import errno
import os
import socket
import struct

from lab import LIP4, SHORT, CarrierTest, checked, get_peer, libc
from raw import ttm

CLIENT = ('198.51.100.7', 40112)
UNTOUCHED = b'\xaa'
IP_MSFILTER, MCAST_INCLUDE, SO_PEERNAME = 41, 1, 28


def getsockopt(opened, level, name, length):
    """(errno or 0, length afterwards, the whole buffer)."""
    buffer = ctypes.create_string_buffer(UNTOUCHED * (length + 8))
    size = ctypes.c_uint32(length)
    result = libc.getsockopt(opened.fileno(), level, name, buffer, ctypes.byref(size))
    return (ctypes.get_errno() if result else 0), size.value, buffer.raw[:-1]


class AnswerTest(CarrierTest):
    def test_should_write_20_bytes_and_no_more(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        expected = struct.pack('=H', 2) + struct.pack('!H', CLIENT[1]) + socket.inet_aton(CLIENT[0]) + bytes(12)
        for length in (20, 21, 24, 64, 255, 1024, 4095, 4096, 4097, 5000):
            with self.subTest(length):
                error, written, buffer = get_peer(connection, length)
                self.assertEqual((error, written), (0, 20))
                self.assertEqual(buffer[:20], expected)
                self.assertEqual(buffer[20:].strip(UNTOUCHED), b'')

    def test_should_refuse_a_short_buffer(self):
        known, _, _ = self.established(ttm(*CLIENT))
        unknown, _, _ = self.established(b'')
        for connection in (known, unknown):
            for length in (0, 1, 4, 8, 16, 19):
                error, _, buffer = get_peer(connection, length, room=64)
                self.assertEqual(errno.errorcode[error], errno.errorcode[SHORT])
                self.assertEqual(buffer[length:].strip(UNTOUCHED), b'')
        self.assertEqual(self.lab.counters()['short buffer'], 12)

    def test_should_fail_with_a_bad_pointer(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        size = ctypes.c_uint32(20)
        result = libc.getsockopt(connection.fileno(), 0, 1345, ctypes.c_void_p(8), ctypes.byref(size))
        self.assertEqual((result, ctypes.get_errno()), (-1, errno.EFAULT))

    def test_should_answer_as_long_as_the_socket_lives(self):
        connection, _, client = self.established(ttm(*CLIENT))
        client.reset()
        with self.assertRaises(ConnectionResetError):
            connection.recv(10)
        self.assert_client(connection, *CLIENT)

    def test_should_not_answer_on_the_listener(self):
        listener, _ = self.listen()
        self.assert_unknown(listener)

    def test_should_not_answer_for_connections_that_it_made_itself(self):
        listener, port = self.listen()
        with self.lab.server:
            outgoing = socket.create_connection(('127.0.0.1', port))
        self.addCleanup(outgoing.close)
        self.assert_unknown(outgoing)

    def test_should_leave_sockets_that_are_not_tcp_their_own_error(self):
        for family, kind, expected in ((socket.AF_INET, socket.SOCK_DGRAM, errno.ENOPROTOOPT),
                                       (socket.AF_INET6, socket.SOCK_DGRAM, errno.ENOPROTOOPT),
                                       (socket.AF_UNIX, socket.SOCK_STREAM, errno.EOPNOTSUPP)):
            with socket.socket(family, kind) as opened:
                self.assertEqual(getsockopt(opened, 0, 1345, 20)[0], expected)

    def test_should_show_the_client_by_so_peername_too(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        error, _, buffer = getsockopt(connection, socket.SOL_SOCKET, SO_PEERNAME, 16)
        self.assertEqual(error, 0)
        self.assertEqual(buffer[2:8], struct.pack('!H', CLIENT[1]) + socket.inet_aton(CLIENT[0]))

    def test_should_leave_getsockname_alone(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        self.assertEqual(connection.getsockname()[0], '10.9.0.1')


class ForeignOptionTest(CarrierTest):
    calls = [
        (socket.SOL_SOCKET, socket.SO_RCVBUF, 4), (socket.SOL_SOCKET, socket.SO_RCVBUF, 5000), (socket.SOL_SOCKET, socket.SO_ERROR, 4),
        (socket.SOL_SOCKET, 9999, 4), (socket.SOL_SOCKET, 9999, 5000), (socket.SOL_SOCKET, socket.SO_LINGER, 8),
        (socket.IPPROTO_IP, socket.IP_TTL, 4), (socket.IPPROTO_IP, 1344, 20), (socket.IPPROTO_IP, 1346, 20),
        (socket.IPPROTO_IP, 1346, 5000),
        (socket.IPPROTO_IP, 64, 84), (socket.IPPROTO_IP, 65, 40), (socket.IPPROTO_IP, 65, 20000),  # iptables: get info, get entries
        (socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16), (socket.IPPROTO_TCP, socket.TCP_CONGESTION, 8000),
        (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 4), (socket.IPPROTO_TCP, 1345, 20), (socket.IPPROTO_IPV6, 1345, 20),
        (socket.IPPROTO_IP, socket.IP_TTL, 0), (socket.IPPROTO_IP, socket.IP_TTL, 1),
    ]

    def test_should_give_every_other_option_as_before(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        with_carrier = [getsockopt(connection, *call) for call in self.calls]
        self.lab.ttmctl('detach')
        for call, expected in zip(self.calls, with_carrier):
            with self.subTest(call):
                self.assertEqual(getsockopt(connection, *call), expected)

    def test_should_give_tcp_info_whole(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        for length in (104, 232, 4096, 5000):
            error, written, buffer = getsockopt(connection, socket.IPPROTO_TCP, socket.TCP_INFO, length)
            self.assertEqual(error, 0)
            self.assertEqual(buffer[0], 1, 'state ESTABLISHED')
            self.assertLessEqual(written, length)
            self.assertEqual(buffer[length:].strip(UNTOUCHED), b'')

    def test_should_pass_answers_larger_than_a_page(self):
        """A multicast filter of 1,500 sources: 6,016 bytes."""
        sources = b''.join(struct.pack('!I', 0x0a000000 + number) for number in range(1, 1501))
        with self.lab.server:
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with open('/proc/sys/net/ipv4/igmp_max_msf', 'w') as limit:
                limit.write('2000')
        self.addCleanup(opened.close)
        group, interface = socket.inet_aton('232.1.1.1'), socket.inet_aton('10.9.0.1')
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        # A filter may only be set on a group that was joined: IP_ADD_SOURCE_MEMBERSHIP.
        opened.setsockopt(socket.IPPROTO_IP, 39, group + interface + sources[:4])
        request = group + interface + struct.pack('=II', MCAST_INCLUDE, 1500) + sources
        checked(libc.setsockopt(opened.fileno(), 0, IP_MSFILTER, request, len(request)))
        buffer = ctypes.create_string_buffer(group + interface + struct.pack('=II', 0, 2000), 8016)
        size = ctypes.c_uint32(8016)
        checked(libc.getsockopt(opened.fileno(), 0, IP_MSFILTER, buffer, ctypes.byref(size)))
        self.assertEqual(size.value, len(request))

        def addresses(packed):
            return sorted(packed[at:at + 4] for at in range(0, len(packed), 4))

        self.assertEqual(addresses(buffer.raw[16:len(request)]), addresses(sources))


class LifetimeTest(CarrierTest):
    def test_should_show_the_local_address_again_after_detach(self):
        connection, accepted, client = self.established(ttm(*CLIENT))
        self.assertEqual(accepted, CLIENT)
        self.assertEqual(self.lab.ttmctl('detach').returncode, 0)
        self.assertEqual(connection.getpeername(), (LIP4, client.ports[0]))
        self.assert_unknown(connection, errno.ENOPROTOOPT)
        client.data(b'still here')
        self.assertEqual(connection.recv(20), b'still here')

    def test_should_keep_clients_through_an_upgrade(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        done = self.lab.ttmctl('upgrade')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(connection.getpeername(), CLIENT)
        self.assert_client(connection, *CLIENT)
        self.assertEqual(self.established(ttm(*CLIENT))[1], CLIENT)

    def test_should_not_know_connections_older_than_the_carrier(self):
        self.lab.ttmctl('detach')
        connection, accepted, client = self.established(ttm(*CLIENT))
        self.lab.ttmctl('attach', '--cgroup', self.lab.cgroup, LIP4)
        client.data(b'hello', ttm(*CLIENT))
        connection.recv(10)
        self.assertEqual(connection.getpeername(), accepted)
        self.assert_unknown(connection)

    def test_should_serve_child_cgroups_and_no_others(self):
        parent, child = os.path.dirname(self.lab.cgroup), os.path.join(self.lab.cgroup, 'child')
        os.mkdir(child)
        self.addCleanup(os.rmdir, child)
        self.addCleanup(self.enter, self.lab.cgroup)
        for cgroup, expected in ((child, 0), (parent, errno.ENOPROTOOPT)):
            self.enter(cgroup)
            connection, _, _ = self.established(ttm(*CLIENT))
            self.assertEqual(get_peer(connection)[0], expected)

    @staticmethod
    def enter(cgroup):
        with open(os.path.join(cgroup, 'cgroup.procs'), 'w') as members:
            members.write('0')
