# SPDX-License-Identifier: GPL-2.0-only
"""What the loader says and how it ends, above all when something is wrong."""
import ctypes
import os
import platform
import struct
import subprocess
import unittest

import lab as lab_module
from lab import BUILD, checked, libc

BPF_SYSCALL = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
BPF_PROG_QUERY = 16
BPF_CGROUP_SOCK_OPS, BPF_CGROUP_GETSOCKOPT, BPF_CGROUP_INET4_GETPEERNAME, BPF_CGROUP_INET6_GETPEERNAME = 3, 21, 29, 30


class LoaderTest(unittest.TestCase):
    """Nothing is attached when a test begins."""

    def setUp(self):
        self.lab = lab_module.lab
        self.addCleanup(lambda: os.path.exists(self.lab.pins) and self.lab.ttmctl('detach'))

    def attach(self, *words, **options):
        return self.lab.ttmctl('attach', '--cgroup', self.lab.cgroup, *words, **options)

    def assert_refused(self, done, *fragments, status=1):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for fragment in fragments:
            self.assertIn(fragment, done.stderr)

    def attached_programs(self):
        """How many programs the cgroup has for each of our four hooks, asked from the kernel itself."""
        return [self.query(kind) for kind in (BPF_CGROUP_SOCK_OPS, BPF_CGROUP_GETSOCKOPT, BPF_CGROUP_INET4_GETPEERNAME,
                                              BPF_CGROUP_INET6_GETPEERNAME)]

    def query(self, kind):
        cgroup = os.open(self.lab.cgroup, os.O_RDONLY)
        ids = ctypes.create_string_buffer(64)
        attributes = ctypes.create_string_buffer(struct.pack('=IIIIQI', cgroup, kind, 0, 0, ctypes.addressof(ids), 16), 64)
        try:
            checked(libc.syscall(BPF_SYSCALL, BPF_PROG_QUERY, attributes, 64))
            return struct.unpack_from('=I', attributes, 24)[0]
        finally:
            os.close(cgroup)

    def test_should_attach_and_leave_nothing_behind_after_detach(self):
        self.assertEqual(self.attach('10.9.0.2').returncode, 0)
        self.assertEqual(self.attached_programs(), [1, 1, 1, 1])
        self.assertEqual(self.lab.ttmctl('detach').returncode, 0)
        self.assertEqual(self.attached_programs(), [0, 0, 0, 0])
        self.assertFalse(os.path.exists(self.lab.pins))

    def test_should_say_that_nobody_is_trusted(self):
        self.assertIn('nobody is trusted', self.attach().stdout)
        self.assertIn('none: nobody is trusted', self.lab.ttmctl('status').stdout)
        self.assertIn('nobody is trusted', self.lab.ttmctl('trust', 'list').stderr)

    def test_should_say_where_it_is_attached_and_whom_it_trusts(self):
        self.attach('10.9.0.2', 'fd99::/64')
        done = self.lab.ttmctl('status')
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count(self.lab.cgroup + '\n'), 4)
        self.assertIn('  10.9.0.2/32\n', done.stdout)
        self.assertIn('  fd99::/64\n', done.stdout)

    def test_should_end_status_with_3_when_not_attached(self):
        done = self.lab.ttmctl('status')
        self.assertEqual(done.returncode, 3)
        self.assertIn('not attached', done.stdout)

    def test_should_refuse_to_attach_twice(self):
        self.attach()
        self.assert_refused(self.attach(), 'already attached', 'ttmctl upgrade')
        self.assertEqual(self.attached_programs(), [1, 1, 1, 1])

    def test_should_refuse_to_change_what_is_not_attached(self):
        for words in (('detach',), ('upgrade',), ('trust', 'list'), ('trust', 'add', '10.9.0.2')):
            self.assert_refused(self.lab.ttmctl(*words), 'nothing is attached')

    def test_should_say_what_is_wrong_with_an_address(self):
        for word, fragment in (('10.9.0.256', 'is no address'), ('lb.example', 'is no address'), ('', 'is no address'),
                               ('10.9.0.0/33', 'prefix length of 0 to 32'), ('fd99::/129', 'prefix length of 0 to 128'),
                               ('10.9.0.0/', 'prefix length'), ('10.9.0.0/-1', 'prefix length'), ('10.9.0.0/8x', 'prefix length'),
                               ('10.9.0.5/24', 'write 10.9.0.0/24'), ('fd99::5/64', 'write fd99::/64'),
                               ('::ffff:10.9.0.2', 'Write the IPv4 address'), ('1' * 200, 'is no address')):
            with self.subTest(word):
                self.assert_refused(self.attach('10.9.0.2', word), fragment, status=2)
                self.assertFalse(os.path.exists(self.lab.pins))

    def test_should_say_that_an_entry_is_not_in_the_list(self):
        self.attach('10.9.0.0/24')
        self.assert_refused(self.lab.ttmctl('trust', 'del', '10.9.0.2'), '10.9.0.2/32 is not in the trusted list')

    def test_should_say_when_the_list_is_full(self):
        self.attach()
        addresses = [f'10.{number >> 8}.{number & 255}.1' for number in range(4097)]
        self.assert_refused(self.lab.ttmctl('trust', 'add', *addresses), 'more than 4096 addresses', status=2)
        self.assertEqual(self.lab.ttmctl('trust', 'add', *addresses[:4096]).returncode, 0)
        self.assert_refused(self.lab.ttmctl('trust', 'add', addresses[4096]), 'the trusted list is full (4096 entries)')

    def test_should_say_that_it_needs_root(self):
        done = subprocess.run([os.path.join(BUILD, 'ttmctl'), 'status'], capture_output=True, text=True, user=65534,
                              cwd=os.path.dirname(os.path.realpath(BUILD)))
        self.assert_refused(done, 'needs root', 'sudo')

    def test_should_say_that_a_directory_is_no_cgroup(self):
        self.assert_refused(self.lab.ttmctl('attach', '--cgroup', '/tmp'), 'not a directory of a cgroup v2 tree')
        self.assert_refused(self.lab.ttmctl('attach', '--cgroup', self.lab.cgroup + '/missing'), 'cannot open the cgroup')

    def test_should_say_that_no_cgroup_tree_is_mounted(self):
        script = f'umount -l {os.path.dirname(self.lab.cgroup)} && exec {BUILD}/ttmctl attach --pin {self.lab.pins}'
        done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script], capture_output=True, text=True)
        self.assert_refused(done, 'no cgroup v2 tree is mounted', 'mount -t cgroup2')

    def test_should_say_that_pins_need_a_bpf_file_system(self):
        done = subprocess.run([os.path.join(BUILD, 'ttmctl'), 'attach', '--cgroup', self.lab.cgroup, '--pin', '/tmp/ttm'],
                              capture_output=True, text=True)
        self.assert_refused(done, '/tmp is not on a bpf file system', 'mount -t bpf bpf /tmp')
        self.assertEqual(self.attached_programs(), [0, 0, 0, 0])

    def test_should_mount_the_usual_bpf_file_system(self):
        script = (f'umount -l /sys/fs/bpf 2>/dev/null; {BUILD}/ttmctl attach --cgroup {self.lab.cgroup} && {BUILD}/ttmctl status'
                  f' && {BUILD}/ttmctl detach')
        done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('mounted a bpf file system on /sys/fs/bpf', done.stdout)
        self.assertIn('pinned in /sys/fs/bpf/sluice-ttm', done.stdout)

    def test_should_say_that_an_exclusive_program_is_in_the_way(self):
        pinned = os.path.join(os.path.dirname(self.lab.pins), 'exclusive')

        def bpftool(*words):
            path = os.environ['PATH'] + ':/usr/sbin:/sbin'
            subprocess.run(['bpftool', *words], check=True, capture_output=True, env=dict(os.environ, PATH=path))

        bpftool('prog', 'loadall', os.path.join(BUILD, 'ttm.bpf.o'), pinned)
        self.addCleanup(lambda: [os.unlink(os.path.join(pinned, name)) for name in os.listdir(pinned)] and os.rmdir(pinned))
        exclusive = ('cgroup_sock_ops', 'pinned', os.path.join(pinned, 'ttm_sockops'))
        bpftool('cgroup', 'attach', self.lab.cgroup, *exclusive)
        self.addCleanup(bpftool, 'cgroup', 'detach', self.lab.cgroup, *exclusive)
        self.assert_refused(self.attach(), 'another program is attached', 'bpftool cgroup tree')
        self.assertFalse(os.path.exists(self.lab.pins))

    def test_should_say_that_its_cgroup_is_gone(self):
        child = os.path.join(self.lab.cgroup, 'child')
        os.mkdir(child)
        self.lab.ttmctl('attach', '--cgroup', child)
        os.rmdir(child)
        self.assert_refused(self.lab.ttmctl('status'), '0 of 4 programs are attached')
        self.assertEqual(self.lab.ttmctl('detach').returncode, 0)

    def test_should_clean_up_what_a_broken_attachment_left(self):
        self.attach()
        os.unlink(os.path.join(self.lab.pins, 'getsockopt'))
        self.assert_refused(self.lab.ttmctl('status'), '3 of 4 programs are attached')
        self.assertEqual(self.lab.ttmctl('detach').returncode, 0)
        self.assertEqual(self.attached_programs(), [0, 0, 0, 0])

    def test_should_explain_how_it_is_called(self):
        for words in ((), ('explode',), ('status', 'now'), ('trust',), ('trust', 'add'), ('trust', 'list', '10.9.0.2'),
                      ('attach', '--what')):
            done = self.lab.ttmctl(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertTrue(done.stderr)
        self.assertIn('usage: ttmctl check', self.lab.ttmctl('--help').stdout)
