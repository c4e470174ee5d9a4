"""The topology of the bench: a lab with three namespaces, of which the middle one is made anew for each contender."""

import contextlib
import os
import sys

from comparison import placement, plan
from topology.lab import ROOT, Lab
from topology.namespace import Namespace, connect
from topology.process import Process, wait_until

LOAD = os.path.join(ROOT, "tools", "bench", "load", "build")
INTERFACES = [("client", "c0"), ("lb", "lb0"), ("lb", "lb1"), ("server", "r0")]
_NGINX = """
daemon off;
worker_processes 1;
user root;
pid {run}/pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 1h;
  client_body_temp_path {run}/body;
  proxy_temp_path {run}/proxy;
  fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi;
  scgi_temp_path {run}/scgi;
  default_type text/plain;
  server {{
    listen {port} backlog=4096;
    root {run};
    location = /1k {{ return 200 "{kilobyte}"; }}
    location = /who {{ return 200 "$server_addr $remote_addr\\n"; }}
  }}
}}
"""
KILOBYTE = "x" * 1024
FILE_BYTES = 8 << 20


class Rig(Lab):
    """Client and server with all programs of the server's; see ``fresh_balancer``. A context manager."""

    def __init__(self, layout=placement.PLACED, offloads=True):
        super().__init__()
        self.layout = layout
        self.offloads = offloads
        self.links = {}

    def start(self, namespace, name, *words, **options):
        """Starts a program where the layout has it; it ends with the rig at the latest."""
        process = Process(namespace, name, self.path(name + ".log"), *placement.pinned(self.layout, namespace.role, words), **options)
        # Its id may be somebody else's once it has ended.
        self.on_close(lambda: process.ended() is None and process.kill())
        return process

    def run_client(self, *words, timeout=60):
        """Runs a program as a client and gives what it printed."""
        return self.client.run(*placement.pinned(self.layout, "client", words), timeout=timeout)

    def load(self, program, *words, timeout=60):
        """Runs one of our load programs as a client."""
        return self.run_client(os.path.join(LOAD, program), *words, timeout=timeout)

    def fresh_balancer(self):
        """A load balancer namespace without any past (tables, counters, addresses), joined to client and server."""
        if "lb" in self.namespaces:
            # The kernel may keep a namespace for a while, with the last sockets of a proxy: its links must not wait for that.
            for namespace, link in ((self.client, "c0"), (self.server, "r0")):
                with contextlib.suppress(RuntimeError):  # it was not made
                    namespace.ip("link", "del", link)
            self.namespaces.pop("lb").delete()
        lb = self.namespaces["lb"] = Namespace(f"{self.name}-lb", "lb")
        self._quieten(lb)
        connect(self.client, "c0", lb, "lb0")
        connect(lb, "lb1", self.server, "r0")
        for role, interface, address in (("client", "c0", plan.CLIENT), ("lb", "lb0", plan.FRONT), ("lb", "lb1", plan.BACK),
                                         *(("server", "r0", server) for server in plan.SERVERS)):
            self.namespaces[role].ip("addr", "add", f"{address}/24", "dev", interface)
        for network in (plan.VIPS, "10.50.2.0/24"):
            self.client.ip("route", "add", network, "via", plan.FRONT)
        for network in (plan.LOCAL_NETWORK, "10.50.1.0/24"):
            self.server.ip("route", "add", network, "via", plan.BACK)
        lb.ip("route", "add", plan.HOLDING_CLIENTS, "via", plan.CLIENT)
        lb.ip("route", "add", plan.HOLDING_NETWORK, "via", plan.SERVERS[0])
        lb.sysctl(ipv4__ip_local_port_range="1024 65535", core__somaxconn=65535)
        for role, interface in INTERFACES:
            self._prepare(self.namespaces[role], interface)

    def place_polling(self):
        """To be called when a contender has started."""
        placement.place_polling(self.layout, self.lb, [name for role, name in INTERFACES if role == "lb"])

    def _prepare(self, namespace, interface):
        if not self.offloads:
            namespace.run("ethtool", "-K", interface, "tx", "off", "tso", "off", "gso", "off", "gro", "off")
        if interface == "c0":
            # Datagrams are cut in the client's stack, so that single frames cross the wire.
            namespace.run("ethtool", "-K", interface, "tx-udp-segmentation", "off")
        placement.place_interface(self.layout, namespace, interface)

    def _build(self):
        for role in ("client", "server"):
            namespace = self.namespaces[role] = Namespace(f"{self.name}-{role}", role)
            self._quieten(namespace)
            namespace.sysctl(ipv4__ip_local_port_range="1024 65535", core__somaxconn=65535, ipv4__tcp_tw_reuse=1, ipv4__ip_forward=1,
                             ipv4__conf__all__rp_filter=0, ipv4__conf__all__send_redirects=0, ipv4__conf__default__send_redirects=0)
            namespace.ip("tuntap", "add", "hold0", "mode", "tun")
            namespace.ip("link", "set", "hold0", "txqueuelen", 20000, "up")
        self.client.ip("route", "add", plan.HOLDING_CLIENTS, "dev", "hold0")
        self.server.ip("route", "add", plan.HOLDING_NETWORK, "dev", "hold0")
        self._start_servers()

    def _start_servers(self):
        directory = self.path("server")
        os.mkdir(directory)
        with open(os.path.join(directory, "file"), "wb") as file:
            file.write(os.urandom(FILE_BYTES))
        configuration = os.path.join(directory, "nginx.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(_NGINX.format(run=directory, port=plan.HTTP, kilobyte=KILOBYTE))
        self._serve("nginx", plan.HTTP, "nginx", "-e", os.path.join(directory, "error.log"), "-c", configuration)
        self._serve("iperf3", plan.BULK, "iperf3", "-s")
        self._serve("echo", plan.ECHO, os.path.join(LOAD, "echo"), plan.ECHO)
        self.start(self.server, "hold-servers", os.path.join(LOAD, "hold"), "servers", "hold0")

    def _serve(self, name, port, *words):
        process = self.start(self.server, name, *words)

        def listening():
            if process.ended() is not None:
                raise RuntimeError(f"{name} ended with status {process.ended()}: {process.output()}")
            return f":{port} " in self.server.run("ss", "-Hltn", f"sport = :{port}")
        wait_until(listening, 20, f"{name} to listen on port {port}")


def need_cores():
    """Ends the program where there is only one core."""
    if os.cpu_count() <= plan.BALANCER_CORE:
        sys.exit("bench: this needs two cores, one for clients and servers, one for the load balancer; this machine has one")
