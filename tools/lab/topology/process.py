"""A program running in a namespace, its output in a file."""

import contextlib
import os
import signal
import subprocess
import time


def wait_until(condition, seconds, what):
    """Gives the first true value of ``condition()``; raises TimeoutError that says what never came."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Process:
    """A program, started. It leads its own session: an interrupt at the terminal reaches only the lab, and what it starts itself
    (workers of nginx) ends with it.
    """

    def __init__(self, namespace, name, log, *words, cgroup=None, environment=None, mounts=False):
        """``cgroup``: directory of the cgroup it is started in. ``mounts``: give it the namespace's /sys as well."""
        words = [str(word) for word in words]
        if mounts:
            words = ["ip", "netns", "exec", namespace.name, *words]
        if cgroup:
            words = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', cgroup, *words]
        self.name = name
        self.log = log
        with open(log, "ab") as output, namespace:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                             start_new_session=True, env=environment)

    @property
    def pid(self):
        """Its process id; the wrappers above all end in exec."""
        return self._process.pid

    def output(self):
        """What it printed so far."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def ended(self):
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def wait(self, seconds):
        """Waits for its end and gives the exit status."""
        return self._process.wait(seconds)

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(30)

    def stop(self, seconds=30):
        """SIGTERM, and waits; gives the exit status."""
        self._process.terminate()
        return self._process.wait(seconds)
