"""A virtual machine with a kernel of Debian's, and commands to it by a serial port, which also works while the network does not."""

import socket
import time

from topology.process import wait_until

from kernellab.errors import GuestDied

MAC = "52:54:00:12:34:56"
MEMORY_MB = 512
START_SECONDS = 60
BOOT_SECONDS = 180
ANSWER_SECONDS = 120
# Always emulation: a /dev/kvm that is there does not have to run a stock kernel. What QEMU 7.2 gets wrong now and then is left out:
# * two processors, each in a thread of its own: one may run on with code that the other has just patched, which the kernel does
#   wherever a hook, a probe or a tracepoint comes or goes. In one thread they take turns.
# * cmpxchg16b: it leaves a pointer in the flags register; kernels from 6.12 on use it for every allocation.
_QEMU = ("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=single", "-cpu", "max,-cx16", "-m", str(MEMORY_MB), "-nodefaults",
         "-no-user-config", "-display", "none", "-no-reboot")
# A guest that has to share its processor is late, which is no stall. Every object is checked, poisoned when it is freed, and counted
# exactly; without that and without cmpxchg16b, new kernels would give eBPF programs no memory either.
_KERNEL = "console=ttyS0 panic=-1 rcupdate.rcu_cpu_stall_timeout=300 nowatchdog slub_debug=FZP"


class Guest:
    """A running guest; ends with the lab at the latest."""

    def __init__(self, lab, name, kernel, initramfs, tap, processors):
        self._control_path = lab.path(name + ".control")
        self._console_path = lab.path(name + ".console")
        self._unread = b""
        self.process = lab.start(
            lab.switch, name, *_QEMU, "-smp", processors, "-kernel", kernel.image, "-initrd", initramfs, "-append", _KERNEL,
            "-netdev", f"tap,id=net,ifname={tap},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=net,romfile=,mac={MAC}",
            "-chardev", f"file,id=console,path={self._console_path}", "-serial", "chardev:console",
            "-chardev", f"socket,id=control,path={self._control_path},server=on,wait=off", "-serial", "chardev:control")
        self._control = socket.socket(socket.AF_UNIX)
        wait_until(self._connected, START_SECONDS, "QEMU to listen")
        self._answer(BOOT_SECONDS, "ready")

    def run(self, command, check=True, seconds=ANSWER_SECONDS):
        """Runs a shell command in the guest; gives what it printed. RuntimeError if it fails, GuestDied if the guest does."""
        self._send(command)
        text, status = self._answer(seconds)
        if check and status != "0":
            raise RuntimeError(f"in the guest, {command}: status {status}: {text.strip()}")
        return text

    def console(self, lines=80):
        """The last lines on the console."""
        with open(self._console_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        """Switches it off."""
        self._control.close()
        self.process.kill()

    def _connected(self):
        if self.process.ended() is not None:
            raise GuestDied(f"QEMU ended with status {self.process.ended()}: {self.process.output()}")
        return self._control.connect_ex(self._control_path) == 0

    def _send(self, command):
        try:
            self._control.sendall(command.replace("\n", ";").encode() + b"\n")
        except OSError as error:
            raise GuestDied(f"the guest's control port: {error}") from error

    def _answer(self, seconds, wanted=None):
        """Reads to the next "@@ STATUS"; gives (text before it, status)."""
        deadline = time.monotonic() + seconds
        while b"\n@@ " not in b"\n" + self._unread or not self._unread[self._unread.rfind(b"@@ "):].endswith(b"\n"):
            self._control.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self._control.recv(65536)
            except OSError as error:
                raise GuestDied(f"no answer from the guest within {seconds} s; its console ends with\n{self.console()}") from error
            if not data:
                raise GuestDied(f"the guest ended; its console ends with\n{self.console()}")
            self._unread += data
        text, _, status = self._unread.decode(errors="replace").rpartition("@@ ")
        self._unread = b""
        if wanted and status.strip() != wanted:
            raise GuestDied(f"the guest said {status.strip()} instead of {wanted}")
        return text.replace("\r", "").strip("\n"), status.strip()
