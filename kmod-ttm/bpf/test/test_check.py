# SPDX-License-Identifier: GPL-2.0-only
"""What ttmctl says about this machine, about its connections, and what it is told by a file."""
import json
import os
import socket
import subprocess
import tempfile

from lab import BUILD, LIP4, LIP6, STRANGER4, CarrierTest
from raw import ACK, PSH, ttm

CLIENT = ('198.51.100.7', 40112)


class CheckTest(CarrierTest):
    def check(self, *prefix):
        """(exit status, {item: what is said about it}) of a check behind these words of another command."""
        done = subprocess.run([*prefix, os.path.join(BUILD, 'ttmctl'), 'check', '--json', '--pin', self.lab.pins], capture_output=True,
                              text=True)
        said = json.loads(done.stdout)
        items = {item['name']: item for item in said['items']}
        self.assertEqual(said['canCarry'], done.returncode == 0)
        for item in items.values():
            self.assertEqual(item['nextStep'] is None, item['verdict'] == 'ok', item)
        return done.returncode, items

    def cgroups(self):
        root = os.path.dirname(self.lab.cgroup)
        return [name for name in os.listdir(root) if name.startswith('ttmctl-check')]

    def test_should_say_that_this_machine_can_carry(self):
        status, items = self.check()
        self.assertEqual(status, 0, items)
        self.assertEqual(set(items), {'kernel', 'capabilities', 'cgroup v2', 'net_cls, net_prio', 'bpf file system', 'lockdown',
                                      'kernel BTF', 'load', 'attach', 'carry', 'attached'})
        self.assertIn('made-up client', items['carry']['found'])
        self.assertEqual(self.cgroups(), [])

    def test_should_say_it_to_people_too(self):
        done = self.lab.ttmctl('check')
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines()[-1], 'this machine can carry')

    def test_should_leave_what_is_attached_alone(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        self.check()
        self.assert_client(connection, *CLIENT)
        self.assert_counted(stored=1, answered=1)

    def test_should_say_which_capabilities_are_missing(self):
        status, items = self.check('setpriv', '--bounding-set', '-bpf,-perfmon,-sys_admin')
        self.assertEqual(status, 1)
        self.assertEqual(items['capabilities']['found'], 'without CAP_BPF CAP_PERFMON')
        self.assertEqual(items['load']['verdict'], 'failed')
        self.assertNotIn('attach', items)

    def test_should_say_that_there_is_no_cgroup_tree(self):
        status, items = self.check('unshare', '-m', '--propagation', 'private', 'sh', '-c',
                                   f'umount -l {os.path.dirname(self.lab.cgroup)} && exec "$@"', 'sh')
        self.assertEqual(status, 1)
        self.assertEqual(items['cgroup v2']['verdict'], 'failed')
        self.assertIn('mount -t cgroup2', items['cgroup v2']['nextStep'])
        self.assertEqual(items['attach']['found'], 'there is no cgroup v2 tree.')

    def test_should_say_that_it_could_not_try_without_tun(self):
        status, items = self.check('unshare', '-m', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs none /dev && exec "$@"', 'sh')
        self.assertEqual(status, 0)
        self.assertEqual(items['carry']['verdict'], 'not tried')
        self.assertIn('modprobe tun', items['carry']['nextStep'])


class StatusTest(CarrierTest):
    def status(self):
        done = self.lab.ttmctl('status', '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        return said, {reason['reason']: reason for reason in said['withoutClient']}

    def test_should_say_how_many_have_their_client_and_why_others_have_not(self):
        self.established(ttm(*CLIENT))
        self.established(b'')
        self.established(ttm(*CLIENT), source=STRANGER4)
        connection, _, late = self.established(b'')
        late.send(PSH | ACK, ttm(*CLIENT), b'late')
        connection.recv(10)
        said, reasons = self.status()
        self.assertEqual(said['withClient'], 2)
        self.assertEqual({name: reason['connections'] for name, reason in reasons.items()},
                         {'no option': 1, 'untrusted': 1, 'no memory': 0})
        self.assertIn('tcpdump', reasons['no option']['nextStep'])
        self.assertIn('ttmctl trust add', reasons['untrusted']['nextStep'])
        self.assertIsNone(reasons['no memory']['nextStep'])
        text = self.lab.ttmctl('status').stdout
        self.assertRegex(text, r'\n  with client +2  know their client\n')
        self.assertRegex(text, r'\n  untrusted +1  do not: .*\n +next step: ')

    def test_should_name_untrusted_senders(self):
        for source, connections in ((STRANGER4, 3), ('fd99::66', 1)):
            listener, port = self.listen(socket.AF_INET6)
            for _ in range(connections):
                self.client(port, source=source).handshake(ttm(*CLIENT))
                self.accept(listener)
        said, _ = self.status()
        self.assertEqual({sender['address']: sender['connections'] for sender in said['untrustedSenders']},
                         {STRANGER4 + '/32': 3, 'fd99::66/128': 1})
        self.assertRegex(self.lab.ttmctl('status').stdout, rf'\n  {STRANGER4}/32 +3 connections\n')
        self.assertEqual(self.lab.ttmctl('trust', 'add', STRANGER4 + '/32').returncode, 0)

    def test_should_keep_the_latest_of_many_untrusted_senders(self):
        listener, port = self.listen()
        for host in range(3, 100):
            self.client(port, source=f'10.9.0.{host}').handshake(ttm(*CLIENT))
            self.accept(listener)
        said, _ = self.status()
        self.assertEqual(said['counters']['untrusted'], 97)
        self.assertLessEqual(len(said['untrustedSenders']), 64)

    def test_should_say_where_and_whom(self):
        said, _ = self.status()
        self.assertEqual(set(said['cgroups'].values()), {self.lab.cgroup})
        self.assertEqual(set(said['trusted']), {LIP4 + '/32', LIP6 + '/128'})
        self.assertEqual(said['kinds'], [253, 254])

    def test_should_say_that_it_is_not_attached(self):
        self.lab.ttmctl('detach')
        done = self.lab.ttmctl('status', '--json')
        self.assertEqual((done.returncode, json.loads(done.stdout)), (3, {'attached': False}))


class FileTest(CarrierTest):
    def setUp(self):
        super().setUp()
        self.file = tempfile.NamedTemporaryFile('w', suffix='.conf')
        self.addCleanup(self.file.close)

    def write(self, text):
        self.file.seek(0)
        self.file.truncate()
        self.file.write(text)
        self.file.flush()

    def reload(self, text):
        self.write(text)
        return self.lab.ttmctl('reload', '--config', self.file.name)

    def trusted_now(self):
        return set(self.lab.ttmctl('trust', 'list').stdout.split())

    def test_should_attach_as_the_file_says(self):
        self.lab.ttmctl('detach')
        self.write(f'# a comment\n\ntrust {LIP4}  fd99::/64 # two\ntrust 10.7.0.0/16\nkinds 200\ncgroup {self.lab.cgroup}\n')
        done = self.lab.ttmctl('attach', '--config', self.file.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.trusted_now(), {LIP4 + '/32', 'fd99::/64', '10.7.0.0/16'})
        connection, _, _ = self.established(ttm(*CLIENT, kind=200))
        self.assert_client(connection, *CLIENT)

    def test_should_follow_the_file_while_connections_are_open(self):
        connection, _, _ = self.established(ttm(*CLIENT))
        self.assertEqual(self.reload(f'trust {STRANGER4}\nkinds 254,200\n').returncode, 0)
        self.assertEqual(self.trusted_now(), {STRANGER4 + '/32'})
        self.assert_client(connection, *CLIENT)
        self.assert_unknown(self.established(ttm(*CLIENT))[0])
        for kind in (254, 200):
            self.assert_client(self.established(ttm(*CLIENT, kind=kind), source=STRANGER4)[0], *CLIENT)

    def test_should_trust_nobody_when_the_file_is_empty(self):
        self.assertEqual(self.reload('').returncode, 0)
        self.assertEqual(self.trusted_now(), set())

    def test_should_change_nothing_when_a_line_is_wrong(self):
        for text, fragment, line in (('trust 10.9.0.300', 'is no address', 1), (f'trust {STRANGER4}\nlisten 80', "no setting 'listen'", 2),
                                     ('kinds', 'no list of option kinds', 1), ('kinds 254 256', 'no list of option kinds', 1),
                                     ('kinds 254,x', 'no list of option kinds', 1), ('kinds 8', 'belongs to TCP itself', 1),
                                     ('\n\ncgroup', "'cgroup' needs one directory", 3), ('cgroup a b', 'needs one directory', 1)):
            with self.subTest(text):
                done = self.reload(text)
                self.assertEqual(done.returncode, 2)
                self.assertIn(fragment, done.stderr)
                self.assertIn(f'line {line} of {self.file.name}', done.stderr)
                self.assertEqual(self.trusted_now(), {LIP4 + '/32', LIP6 + '/128'})

    def test_should_say_that_there_is_no_file(self):
        done = self.lab.ttmctl('reload', '--config', '/nowhere/ttm.conf')
        self.assertEqual(done.returncode, 2)
        self.assertIn('cannot read /nowhere/ttm.conf', done.stderr)
