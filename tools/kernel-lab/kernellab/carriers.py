"""The two carriers in a guest, behind one interface: checks cannot tell which one they have."""

import errno
import re

from kernellab.wiring import TRUSTED

# The first kernel on which an eBPF program chooses the error of getsockopt().
_ERRNO_SETTABLE = (5, 18)


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
        found = re.findall(r"^  (\w[\w ]*?) +(\d+)  ", self._guest.run("/ttmctl status"), re.MULTILINE)
        return {name.replace(" ", "_"): int(value) for name, value in found}

    @staticmethod
    def build(_):
        """The kernel modules that it needs in the guest: none."""
        return []


CARRIERS = {carrier.name: carrier for carrier in (Ebpf,)}
