"""The daemon in the load balancer's namespace, and its API and command line."""

import contextlib
import copy
import http.client
import itertools
import json
import os
import socket
import subprocess

from topology import config
from topology.lab import ROOT
from topology.process import wait_until

LAUNCHER = os.path.join(ROOT, "tools", "sluice")
_numbers = itertools.count(1)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Sluice:
    """One node: its configuration, its state directory, and the daemon when it runs."""

    name = "sluice"
    # Settings of every node of this run: "dataplane.threading" -> "dedicated".
    overrides = {}

    def __init__(self, lab, change=lambda settings: None):
        """``change`` is given the configuration before it is written."""
        self.lab = lab
        number = next(_numbers)
        self.state = lab.path(f"state{number}")
        self.socket_path = lab.path(f"api{number}.sock")
        self.file = lab.path(f"sluice{number}.yaml")
        self.settings = config.config(lab, self.state, self.socket_path)
        self.process = None
        for path, value in self.overrides.items():
            config.override(self.settings, path, value)
        change(self.settings)
        config.write(self.file, self.settings)

    def start(self, seconds=60):
        """Starts the daemon and waits until its lanes run."""
        return self._start(seconds)

    def train(self, file):
        """Like start(); the JVM writes an AOT cache when it ends."""
        return self._start(60, SLUICE_TRAIN=file)

    def launch(self, *options, **environment):
        """Starts the daemon and does not wait."""
        environment = {**os.environ, "SLUICE_BUILD": "never", **environment}
        self.process = self.lab.start(self.lab.lb, f"sluiced{next(_numbers)}", LAUNCHER, "daemon", "--config", self.file, *options,
                                      environment=environment, mounts=True)
        return self.process

    def kill(self):
        """kill -9."""
        self.process.kill()

    def stop(self):
        """Ends it cleanly; gives the exit status."""
        return self.process.stop() if self.process.ended() is None else self.process.ended()

    def restart(self):
        """Starts it again after kill() or stop()."""
        return self.start()

    def request(self, method, path, body=None):
        """One API call: status and decoded body (text if it is no JSON)."""
        connection = _UnixConnection(self.socket_path)
        with contextlib.closing(connection):
            headers = {"Content-Type": "application/yaml"} if body else {}
            connection.request(method, path, body.encode() if body else None, headers)
            response = connection.getresponse()
            text = response.read().decode()
            kind = response.getheader("Content-Type") or ""
            return response.status, json.loads(text) if "json" in kind else text

    def get(self, path):
        """The body of a GET that has to succeed."""
        status, body = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {body}")
        return body

    def counter(self, name, subject=None):
        """The sum of a counter over its subjects, or over those that contain ``subject``."""
        return sum(entry["value"] for entry in self.get("/v1/counters")["counters"]
                   if entry["name"] == name and (subject is None or subject in entry["subject"]))

    def drops(self):
        """Drop counts by reason."""
        return {entry["reason"]: entry["count"] for entry in self.get("/v1/drops")["drops"]}

    def connections(self, **filters):
        """Connections, as the API shows them."""
        query = "&".join(f"{key}={value}" for key, value in {"limit": 100000, **filters}.items())
        return self.get("/v1/connections?" + query)["connections"]

    def apply(self, settings):
        """Applies a configuration by the API; raises with the problem if it is refused."""
        status, body = self.request("PUT", "/v1/config", json.dumps(settings))
        if status // 100 != 2:
            raise RuntimeError(f"refused: {status} {json.dumps(body)}")

    @contextlib.contextmanager
    def configured(self, change):
        """Within the block a changed configuration is in force, afterwards the original one again."""
        settings = copy.deepcopy(self.settings)
        change(settings)
        self.apply(settings)
        try:
            yield settings
        finally:
            self.apply(self.settings)

    @contextlib.contextmanager
    def restarted_with(self, change):
        """Within the block the daemon runs with a configuration that only a restart brings into force."""
        settings = copy.deepcopy(self.settings)
        change(settings)
        try:
            self._restart_on(settings)
            yield settings
        finally:
            self._restart_on(self.settings)

    def _restart_on(self, settings):
        self.stop()
        config.write(self.file, settings)
        self.restart()

    def cli(self, *words):
        """Runs the command line client; gives the finished process with its texts."""
        environment = {**os.environ, "SLUICE_BUILD": "never", "SLUICE_SOCKET": self.socket_path}
        return subprocess.run([LAUNCHER, *words], capture_output=True, text=True, timeout=60, env=environment,
                              stdin=subprocess.DEVNULL, check=False)

    def resident_kilobytes(self):
        """Resident memory of the daemon."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmRSS:")).split()[1])

    def _start(self, seconds, **environment):
        self.launch(**environment)
        wait_until(self._running, seconds, "the daemon to run; it printed:\n" + self.process.output())
        return self

    def _running(self):
        if self.process.ended() is not None:
            raise RuntimeError(f"the daemon ended with status {self.process.ended()}:\n{self.process.output()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/v1/status")["running"]
        return False
