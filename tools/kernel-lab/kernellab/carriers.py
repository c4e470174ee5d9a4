"""The two carriers in a guest, behind one interface: checks cannot tell which one they have."""

import errno
import json
import os
import shlex
import shutil
import subprocess

from kernellab.buildroot import run_in_buildroot
from kernellab.programs import BUILD, ROOT
from kernellab.wiring import TRUSTED

# The first kernel on which an eBPF program chooses the error of getsockopt().
_ERRNO_SETTABLE = (5, 18)
MAX_PENDING = 1024
BUILD_SECONDS = 900


class Ebpf:
    """Four programs, attached by ttmctl to the root of the cgroup tree."""

    name = "ebpf"

    def __init__(self, guest, kernel):
        self._guest = guest
        settable = kernel.version >= _ERRNO_SETTABLE
        self.unknown = errno.ENOENT if settable else errno.ENOPROTOOPT
        self.short = errno.EINVAL if settable else errno.ENOPROTOOPT

    def load(self):
        """From now on connections have clients."""
        self._guest.run("/ttmctl attach " + " ".join(TRUSTED))

    def unload(self):
        """From now on there are none."""
        self._guest.run("/ttmctl detach")

    def counters(self):
        """What it has counted, by name with underscores."""
        counters = json.loads(self._guest.run("/ttmctl status --json"))["counters"]
        return {name.replace(" ", "_"): value for name, value in counters.items()}

    @staticmethod
    def build(_):
        """The kernel modules that it needs in the guest: none."""
        return []


class Module:
    """The kernel module, built for the guest's kernel."""

    name = "module"
    unknown, short = errno.ENOENT, errno.EINVAL

    def __init__(self, guest, _):
        self._guest = guest

    def load(self):
        """From now on connections have clients."""
        self._guest.run(f"insmod /modules/sluice_ttm.ko trusted={','.join(TRUSTED)} max_pending={MAX_PENDING}")

    def unload(self):
        """From now on there are none. The kernel refuses while a getsockopt() is under way, which is never for long."""
        self._guest.run("for try in 1 2 3 4 5 6 7 8 9; do rmmod sluice_ttm 2>/dev/null && exit; sleep 0.2; done; rmmod sluice_ttm")

    def counters(self):
        """What it has counted, by name."""
        return {name: int(value) for name, value in map(str.split, self._guest.run("cat /proc/net/sluice_ttm").splitlines())}

    @staticmethod
    def build(kernel):
        """Builds it as a user does. Unavailable if the compiler cannot be had, RuntimeError if the build fails."""
        directory = _copy_sources(kernel.release)
        command = shlex.join([os.path.join(directory, "kmod-ttm", "build.sh"), f"KDIR={kernel.headers}"])
        if kernel.suite.builder:
            done = run_in_buildroot(kernel.suite.builder, kernel.compiler, command, [directory, kernel.root])
        else:
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return [os.path.join(directory, "kmod-ttm", "module", "sluice_ttm.ko")]


def _copy_sources(release):
    """A place for each kernel, so that what has not changed since the last run is not compiled again."""
    directory = os.path.join(BUILD, "module", release)
    for source in ("kmod-ttm/module", "native/include"):
        shutil.copytree(os.path.join(ROOT, source), os.path.join(directory, source), ignore=_but_sources, dirs_exist_ok=True)
    shutil.copy2(os.path.join(ROOT, "kmod-ttm", "build.sh"), os.path.join(directory, "kmod-ttm"))
    return directory


def _but_sources(folder, names):
    return [name for name in names if name not in ("Kbuild", "Makefile") and not os.path.isdir(os.path.join(folder, name))
            and (not name.endswith((".c", ".h")) or name.endswith(".mod.c"))]


CARRIERS = {carrier.name: carrier for carrier in (Ebpf, Module)}
