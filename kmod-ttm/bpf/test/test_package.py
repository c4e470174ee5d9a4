# SPDX-License-Identifier: GPL-2.0-only
"""The packages, installed into a copy of this machine that lives in memory and has no systemd running; and the unit."""
import glob
import os
import shutil
import subprocess
import tempfile

from lab import BUILD, LIP4, STRANGER4, CarrierTest, checked, libc
from raw import ttm

BUILDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../package/build')
PATH = os.environ['PATH'] + ':/usr/sbin:/sbin'
CLIENT = ('198.51.100.7', 40112)
CONFIGURATION = '/etc/sluice/ttm.conf'
MNT_DETACH = 2


def build(kind, version):
    done = subprocess.run([BUILDER, kind], capture_output=True, text=True, env=dict(os.environ, VERSION=version, PATH=PATH))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Copy:
    """A root directory over the machine's own: what is written goes to memory. It has a bpf file system of its own."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix='sluice-test-')
        self.mounts = []
        self.mount('tmpfs', self.base)
        for name in ('upper', 'work', 'root'):
            os.mkdir(os.path.join(self.base, name))
        self.root = os.path.join(self.base, 'root')
        self.mount('overlay', self.root, f'lowerdir=/,upperdir={self.base}/upper,workdir={self.base}/work')
        self.mount('proc', self.root + '/proc')
        self.mount('sysfs', self.root + '/sys')
        self.mount('bpf', self.root + '/sys/fs/bpf')
        self.mount('cgroup2', self.root + '/sys/fs/cgroup')

    def mount(self, kind, target, options=None):
        checked(libc.mount(b'sluice-test', target.encode(), kind.encode(), 0, options.encode() if options else None))
        self.mounts.append(target)

    def remove(self):
        for target in reversed(self.mounts):
            libc.umount2(target.encode(), MNT_DETACH)
        os.rmdir(self.base)

    def run(self, *words):
        return subprocess.run(['chroot', self.root, *words], capture_output=True, text=True, cwd='/',
                              env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C'})

    def path(self, name):
        return self.root + name

    def take(self, package):
        """Where the copy has this file."""
        shutil.copy(package, self.path('/' + os.path.basename(package)))
        return '/' + os.path.basename(package)


class PackageTest(CarrierTest):
    tool = 'dpkg-deb'
    kind = 'deb'
    kept = ''  # what is added to the name of a changed configuration file when the package goes

    def setUp(self):
        for tool in (self.tool, 'strip'):
            if not shutil.which(tool, path=PATH):
                self.skipTest(f'{tool} is not installed')
        super().setUp()
        self.lab.ttmctl('detach')
        self.copy = Copy()
        self.addCleanup(self.copy.remove)

    def done(self, *words):
        done = self.copy.run(*words)
        self.assertEqual(done.returncode, 0, f'{words}\n{done.stdout}{done.stderr}')
        return done.stdout + done.stderr

    def install(self, version):
        return self.done('dpkg', '--install', self.copy.take(build('deb', version)))

    def remove(self):
        self.done('dpkg', '--remove', 'sluice-ttmctl')

    def configure(self, text):
        with open(self.copy.path(CONFIGURATION), 'a') as configuration:
            configuration.write(text)

    def installed(self):
        names = ('/usr/sbin/ttmctl', '/usr/lib/systemd/system/sluice-ttm.service', CONFIGURATION)
        return [os.path.exists(self.copy.path(name)) for name in names] + [bool(glob.glob(self.copy.path('/usr/share/man/man8/ttmctl.8*')))]

    def test_should_install_upgrade_and_go(self):
        self.assertIn('systemctl enable --now sluice-ttm', self.install('1.0'))
        self.assertEqual(self.installed(), [True] * 4)
        self.assertEqual(self.copy.run('ttmctl', 'status').returncode, 3, 'attached without being asked')
        self.configure(f'trust {LIP4}\ncgroup /sys/fs/cgroup/{os.path.basename(self.lab.cgroup)}\n')
        self.done('ttmctl', 'attach', '--config', CONFIGURATION)
        connection, _, _ = self.established(ttm(*CLIENT))

        self.assertIn('upgraded in place', self.install('1.1'))
        self.assert_client(connection, *CLIENT)
        self.configure(f'trust {STRANGER4}\n')
        self.done('ttmctl', 'reload')
        self.assertEqual(self.done('ttmctl', 'trust', 'list').split(), [LIP4 + '/32', STRANGER4 + '/32'])
        self.assert_client(self.established(ttm(*CLIENT), source=STRANGER4)[0], *CLIENT)

        self.remove()
        self.assertEqual(connection.getpeername()[0], LIP4, 'still attached')
        self.assertNotIn('sluice-ttm', os.listdir(self.copy.path('/sys/fs/bpf')))
        self.assertEqual(self.installed(), [False, False, not self.kept, False])
        self.assertTrue(os.path.exists(self.copy.path(CONFIGURATION + self.kept)), 'the changed configuration is gone')


class RpmTest(PackageTest):
    tool = 'rpmbuild'
    kept = '.rpmsave'

    def install(self, version):
        # This machine's database knows nothing of what Debian's packages bring.
        return self.done('rpm', '--force-debian', '--nodeps', '--upgrade', self.copy.take(build('rpm', version)))

    def remove(self):
        self.done('rpm', '--force-debian', '--nodeps', '--erase', 'sluice-ttmctl')


class DebTest(PackageTest):
    def test_should_leave_nothing_after_a_purge(self):
        self.install('1.0')
        self.done('dpkg', '--purge', 'sluice-ttmctl')
        self.assertEqual(self.installed(), [False] * 4)
        self.assertFalse(os.path.exists(self.copy.path('/etc/sluice')))

    def test_should_have_a_unit_that_systemd_understands(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not installed')
        self.install('1.0')
        self.assertEqual(self.done('systemd-analyze', 'verify', '/usr/lib/systemd/system/sluice-ttm.service'), '')

    def test_should_have_a_manual_page_without_faults(self):
        if not shutil.which('man'):
            self.skipTest('man is not installed')
        self.install('1.0')
        self.assertEqual(self.copy.run('man', '--warnings', '--local-file', '/usr/share/man/man8/ttmctl.8.gz').stderr, '')

    def test_should_need_no_library(self):
        build('deb', '1.0')
        with tempfile.TemporaryDirectory() as empty:
            shutil.copy(os.path.join(BUILD, 'static/ttmctl'), empty)
            done = subprocess.run(['chroot', empty, '/ttmctl', '--help'], capture_output=True, text=True)
            self.assertIn('usage: ttmctl', done.stdout, done.stderr)


del PackageTest
