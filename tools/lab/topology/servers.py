"""What runs on a real server: nginx, the test program, the TTM sample servers."""

import os
import sys

from topology.lab import ROOT
from topology.pattern import pattern, pattern_sha256
from topology.process import wait_until

HTTP_PORT = 80
PEER_PORT = 7000
SAMPLE_C_PORT = 8345
SAMPLE_PYTHON_PORT = 8346
BIG_BYTES = 64 << 20
SAMPLES = os.path.join(ROOT, "tools", "ttm-samples")

_NGINX = """
daemon off;
worker_processes 1;
user root;
pid {run}/pid;
error_log {run}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  client_body_temp_path {run}/body;
  proxy_temp_path {run}/proxy;
  fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi;
  scgi_temp_path {run}/scgi;
  default_type text/plain;
  server {{
    listen 80 backlog=4096;
    listen [::]:80 ipv6only=on backlog=4096;
    root {files};
    location = /name {{ return 200 "{name}\\n"; }}
    location = /client {{ return 200 "{name} $remote_addr $remote_port\\n"; }}
    location = /slow {{ alias {files}/big; limit_rate 8m; }}
    location = /1k {{ return 200 "{kilobyte}"; }}
  }}
}}
"""


def big_sha256():
    """The SHA-256 of the file /big that every nginx serves."""
    return pattern_sha256(BIG_BYTES)


class RealServer:
    """One real server with everything on it, all started in the cgroup of the TTM carrier if there is one."""

    def __init__(self, lab, role, cgroup=None):
        self.lab = lab
        self.role = role
        self.namespace = lab.namespaces[role]
        self.cgroup = cgroup
        self.directory = lab.path(role)
        os.makedirs(self.directory, exist_ok=True)

    def start_nginx(self):
        """nginx on port 80: /name, /client, /1k, /big, /slow (8 MB/s)."""
        files = self.lab.path("files")
        if not os.path.exists(files):
            os.makedirs(files)
            with open(os.path.join(files, "big"), "wb") as file:
                for start in range(0, BIG_BYTES, 1 << 20):
                    file.write(pattern(start, 1 << 20))
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(_NGINX.format(run=self.directory, files=files, name=self.role, kilobyte="x" * 1024))
        errors = os.path.join(self.directory, "error.log")
        return self._start("nginx", HTTP_PORT, "nginx", "-e", errors, "-c", config)

    def start_peer(self):
        """The test program, see peer.py."""
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), "peer.py")
        return self._start("peer", PEER_PORT, sys.executable, script, self.role, PEER_PORT)

    def start_sample_c(self):
        """The sample server in C that users copy."""
        return self._start("sample-c", SAMPLE_C_PORT, os.path.join(SAMPLES, "c", "build", "ttm-server"), "--port", SAMPLE_C_PORT)

    def start_sample_python(self):
        """The sample server in Python that users copy."""
        return self._start("sample-python", SAMPLE_PYTHON_PORT, sys.executable, os.path.join(SAMPLES, "python", "ttm_server.py"),
                           "--port", SAMPLE_PYTHON_PORT)

    def start_iperf(self):
        """iperf3 on its own port."""
        return self._start("iperf3", 5201, "iperf3", "-s")

    def _start(self, name, port, *words):
        process = self.lab.start(self.namespace, f"{self.role}-{name}", *words, cgroup=self.cgroup)
        wait_until(lambda: self._listening(port) or self._check(process), 20, f"{name} on {self.role} to listen on port {port}")
        return process

    def _listening(self, port):
        return f":{port} " in self.namespace.run("ss", "-Hltn", f"sport = :{port}")

    def _check(self, process):
        if process.ended() is not None:
            raise RuntimeError(f"{process.name} ended with status {process.ended()}: {process.output()}")
        return False
