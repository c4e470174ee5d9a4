"""What stays of a lab, or of Java tests, whose process was killed with -9: found by the process id in every name, and removed."""

import os
import re
import shutil
import signal
import tempfile

from topology.lab import PREFIX
from topology.namespace import command
from topology.process import wait_until

JAVA_TESTS_PREFIX = "slt"  # the namespaces of the Java tests: lab/NetworkNamespace.java
_NAME = re.compile(rf"(?:{PREFIX}|{JAVA_TESTS_PREFIX})(\d+)-\d+")


def remove_leftovers():
    """Removes the labs of processes that are gone; gives their names."""
    gone = set()
    for line in command("ip", "netns", "list").splitlines():
        namespace = line.split()[0]
        if _is_orphan(namespace):
            _kill(command("ip", "netns", "pids", namespace).split())
            command("ip", "netns", "del", namespace)
            gone.add(_lab_of(namespace))
    with open("/proc/mounts", encoding="utf-8") as file:
        mounts = [line.split()[1:3] for line in file]
    for directory, kind in mounts:
        if kind == "cgroup2":
            gone |= _remove_cgroups(directory)
        if _is_orphan(directory):
            command("umount", directory)
            gone.add(_lab_of(directory))
    for base in {"/dev/shm", tempfile.gettempdir()}:
        for entry in filter(_is_orphan, os.listdir(base)):
            shutil.rmtree(os.path.join(base, entry), ignore_errors=True)
            gone.add(_lab_of(entry))
    return sorted(gone)


def _remove_cgroups(parent):
    gone = set()
    for entry in filter(_is_orphan, os.listdir(parent)):
        directory = os.path.join(parent, entry)

        def processes(directory=directory):
            with open(os.path.join(directory, "cgroup.procs"), encoding="ascii") as file:
                return file.read().split()
        _kill(processes())
        wait_until(lambda processes=processes: not processes(), 10, f"the processes in {directory} to be gone")
        os.rmdir(directory)
        gone.add(_lab_of(entry))
    return gone


def _lab_of(name):
    return _NAME.search(name).group()


def _is_orphan(name):
    found = _NAME.search(name)
    return found is not None and not os.path.exists(f"/proc/{found.group(1)}")


def _kill(pids):
    for pid in pids:
        os.kill(int(pid), signal.SIGKILL)
