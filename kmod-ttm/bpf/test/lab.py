# SPDX-License-Identifier: GPL-2.0-only
"""Two network namespaces joined by a cable, with the carrier attached to the cgroup of this process.

    client  c0, no address of its own  -------- veth --------  s0  10.9.0.1, fd99::1   server

The clients (10.9.0.x, fd99::x) are made by hand in raw.py and owned by no kernel, so nothing resets their connections.
"""
import ctypes
import errno
import json
import os
import re
import select
import socket
import subprocess
import time
import unittest

from raw import ACK, FIN, RawConnection

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_REC, MS_PRIVATE, MS_NOSUID = 0x4000, 1 << 18, 2
SERVER4, SERVER6 = '10.9.0.1', 'fd99::1'
LIP4, LIP6 = '10.9.0.2', 'fd99::2'
STRANGER4 = '10.9.0.66'
CLIENT_MAC = bytes.fromhex('02000000000c')
TTM_SO_GET_PEER = 1345
BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'build')

# Before 5.18 a getsockopt program cannot choose the error, and the kernel's own for an option that it does not know remains.
ERRNO_SETTABLE = tuple(int(number) for number in re.match(r'(\d+)\.(\d+)', os.uname().release).groups()) >= (5, 18)
UNKNOWN = errno.ENOENT if ERRNO_SETTABLE else errno.ENOPROTOOPT
SHORT = errno.EINVAL if ERRNO_SETTABLE else errno.ENOPROTOOPT

libc = ctypes.CDLL(None, use_errno=True)
lab = None


def checked(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def enter_private_mounts():
    checked(libc.unshare(CLONE_NEWNS))
    checked(libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None))


class Namespace:
    """A network namespace that lives as long as this process; 'with' enters it."""

    def __init__(self):
        self.outside = os.open('/proc/self/ns/net', os.O_RDONLY)
        checked(libc.unshare(CLONE_NEWNET))
        self.inside = os.open('/proc/self/ns/net', os.O_RDONLY)
        checked(libc.setns(self.outside, CLONE_NEWNET))

    def __enter__(self):
        checked(libc.setns(self.inside, CLONE_NEWNET))

    def __exit__(self, *_):
        checked(libc.setns(self.outside, CLONE_NEWNET))


def ip(*words):
    return subprocess.run(('ip',) + words, check=True, capture_output=True, text=True).stdout


def set_sysctl(name, value):
    with open('/proc/sys/' + name, 'w') as file:
        file.write(str(value))


class Lab:
    def __init__(self, cgroup, scratch):
        self.cgroup = cgroup
        self.pins = os.path.join(scratch, 'ttm')
        checked(libc.mount(b'bpf', scratch.encode(), b'bpf', MS_NOSUID, None))
        self.server, self.client = Namespace(), Namespace()
        self.next_port = 20000
        with self.server:
            ip('link', 'set', 'lo', 'up')
            ip('link', 'add', 's0', 'type', 'veth', 'peer', 'name', 'c0', 'address', CLIENT_MAC.hex(':'),
               'netns', f'/proc/{os.getpid()}/fd/{self.client.inside}')
            ip('link', 'set', 's0', 'up')
            ip('addr', 'add', SERVER4 + '/24', 'dev', 's0')
            ip('addr', 'add', SERVER6 + '/64', 'dev', 's0', 'nodad')
            for address in [f'10.9.0.{host}' for host in range(2, 100)] + [LIP6, 'fd99::66']:
                ip('neigh', 'add', address, 'lladdr', CLIENT_MAC.hex(':'), 'dev', 's0')
            self.server_mac = bytes.fromhex(json.loads(ip('-j', 'link', 'show', 's0'))[0]['address'].replace(':', ''))
        with self.client:
            set_sysctl('net/ipv6/conf/c0/disable_ipv6', 1)
            ip('link', 'set', 'c0', 'up')
            self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.wire.bind(('c0', 0))

    def ttmctl(self, *words, **options):
        """Runs the loader against this lab; the completed process, with its output as text."""
        return subprocess.run([os.path.join(BUILD, 'ttmctl'), *words, '--pin', self.pins], capture_output=True, text=True, **options)

    def counters(self):
        return json.loads(self.ttmctl('status', '--json').stdout)['counters']

    def listen(self, family=socket.AF_INET, only_ipv6=False, address=None, port=0, protocol=0):
        with self.server:
            listener = socket.socket(family, socket.SOCK_STREAM, protocol)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_ipv6)
        listener.bind((address or ('' if family == socket.AF_INET else '::'), port))
        listener.listen(128)
        listener.settimeout(5)
        return listener

    def connect(self, port, source=LIP4, source_port=None):
        """A client that has sent nothing yet."""
        self.next_port += 1
        destination = SERVER6 if ':' in source else SERVER4
        return RawConnection(self.wire, (CLIENT_MAC, self.server_mac), (source, source_port or self.next_port), (destination, port))

    def forget_answers(self):
        """Makes room in the clients' receive buffer."""
        for _ in range(1000):
            if not select.select([self.wire], [], [], 0)[0]:
                break
            self.wire.recv(65600)


def prepare(cgroup, scratch):
    global lab
    lab = Lab(cgroup, scratch)
    return lab


def get_peer(connection, length=20, room=None):
    """getsockopt(1345) as a C program does it: (errno or 0, length afterwards, the whole buffer, first filled with 0xaa)."""
    buffer = ctypes.create_string_buffer(b'\xaa' * (room or max(length, 20) + 8))
    size = ctypes.c_uint32(length)
    result = libc.getsockopt(connection.fileno(), socket.IPPROTO_IP, TTM_SO_GET_PEER, buffer, ctypes.byref(size))
    return (ctypes.get_errno() if result else 0), size.value, buffer.raw[:-1]


class CarrierTest(unittest.TestCase):
    """Attaches before each test, trusting both local addresses, and detaches after it."""
    trusted = (LIP4, LIP6)
    options = ()

    def setUp(self):
        self.lab = lab
        attached = lab.ttmctl('attach', '--cgroup', lab.cgroup, *self.options, *self.trusted)
        self.assertEqual(attached.returncode, 0, attached.stderr)
        self.addCleanup(lambda: os.path.exists(lab.pins) and lab.ttmctl('detach'))

    def listen(self, *arguments, **options):
        listener = lab.listen(*arguments, **options)
        self.addCleanup(listener.close)
        return listener, listener.getsockname()[1]

    def accept(self, listener):
        connection, address = listener.accept()
        self.addCleanup(connection.close)
        connection.settimeout(5)
        return connection, address[:2]

    def client(self, port, **options):
        client = lab.connect(port, **options)
        self.addCleanup(client.reset)
        return client

    def established(self, options, **client_options):
        """A connection whose third ACK has these options: (server's socket, address from accept(), client)."""
        listener, port = self.listen()
        client = self.client(port, **client_options)
        client.handshake(options)
        return self.accept(listener) + (client,)

    def ask(self, port, source, options, request):
        """The answer of a server to this request of a client with these options, and the client's port."""
        client = self.client(port, source=source)
        client.handshake(options)
        if request:
            client.data(request, options)
        else:
            client.send(FIN | ACK)  # nothing will be asked
        return client.receive_text(), client.ports[0]

    def wait_for(self, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, 'it did not come true')
            time.sleep(0.01)

    def assert_client(self, connection, address, port):
        """getsockopt() answers with this client."""
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        error, length, buffer = get_peer(connection)
        self.assertEqual(error, 0, os.strerror(error))
        self.assertEqual(length, 20)
        expected = family.to_bytes(2, 'little') + port.to_bytes(2, 'big') + socket.inet_pton(family, address)
        self.assertEqual(buffer[:20], expected.ljust(20, b'\0'))

    def assert_unknown(self, connection, number=None):
        error, _, _ = get_peer(connection)
        self.assertEqual(errno.errorcode.get(error), errno.errorcode[number or UNKNOWN])

    def assert_counted(self, **expected):
        """These counters have these values, and all others but the two of getsockopt() calls are zero."""
        counted = {name.replace(' ', '_'): value for name, value in lab.counters().items() if value}
        for name in ('answered', 'unknown'):
            if name not in expected:
                counted.pop(name, None)
        self.assertEqual(counted, expected)
