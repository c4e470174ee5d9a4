"""The contenders: how each is started and stopped in the load balancer's namespace of a rig."""

import os
import resource
import subprocess

from comparison import plan
from comparison.rig import LOAD
from topology.process import wait_until
from topology.sluice import Sluice

MOST_PROXIED = 100_000
COMING_AND_GOING = 120_000  # connections of the other works, at most


class Contender:
    """``address`` is where clients find the servers, ``seen_as`` who the servers take for the client, ``udp`` whether it does
    UDP.
    """

    address, seen_as = plan.VIP, set(plan.LOCALS)
    udp = True
    settings = ""

    def __init__(self, rig, room=1_000_000):
        """``room``: connections that its table has to have room for."""
        self.rig = rig
        self.room = room
        self.process = None

    @staticmethod
    def held_of(count):
        """Of ``count`` idle connections, how many it is asked to hold, and why not all; None instead of a number: it stays away."""
        return count, None

    def start(self):
        """Starts it and waits until it is ready."""
        raise NotImplementedError

    def tracked(self):
        """How many connections it has, both sides established; for those that hold any."""
        raise NotImplementedError

    def stop(self):
        """Ends it; its namespace is removed afterwards."""
        if self.process is not None and self.process.ended() is None:
            self.process.kill()

    def _own_addresses(self):
        self.rig.lb.ip("addr", "add", f"{plan.VIP}/32", "dev", "lb0")
        for address in plan.LOCALS:
            self.rig.lb.ip("addr", "add", f"{address}/32", "dev", "lb1")


class Route(Contender):
    """The kernel forwards and nothing else: the ceiling."""

    address, seen_as = plan.SERVERS[0], {plan.CLIENT}
    settings = "ip_forward, clients use a server's address"

    @staticmethod
    def held_of(_):
        return 0, None

    def start(self):
        self.rig.lb.sysctl(ipv4__ip_forward=1)


class Forwarder(Contender):
    """The floor under a load balancer in user space: addresses are replaced between two packet sockets, see load/forward.c."""

    seen_as = {plan.LOCALS[0]}
    settings = "stateless, C, AF_PACKET"

    @staticmethod
    def held_of(_):
        return 0, None

    def start(self):
        rig = self.rig
        self.process = rig.start(rig.lb, f"forward-{id(self):x}", os.path.join(LOAD, "forward"), "lb0", "lb1", plan.CLIENT, plan.VIP,
                                 plan.LOCALS[0], *plan.SERVERS, rig.client.mac("c0"), rig.server.mac("r0"))
        wait_until(lambda: "forwarding" in self.process.output(), 20, "the forwarder to forward")


class Nftables(Contender):
    """The kernel's own FULLNAT: DNAT and SNAT with connection tracking."""

    settings = "dnat by numgen, snat to 20 addresses, TIME_WAIT 10 s as in Sluice"

    @staticmethod
    def held_of(count):
        # One number for the whole machine, which the bench leaves as it is.
        with open("/proc/sys/net/netfilter/nf_conntrack_max", encoding="ascii") as file:
            room = int(file.read())
        if count + COMING_AND_GOING <= room:
            return count, None
        return None, (f"this machine tracks {room:,} connections at most; to have it take part: "
                      f"sysctl -w net.netfilter.nf_conntrack_max={2 * count} net.netfilter.nf_conntrack_buckets={count // 2}")

    def start(self):
        self._own_addresses()
        rules = "\n".join(
            f"ip daddr {plan.VIP} {protocol} dport {port} dnat to numgen inc mod {len(backends)} map "
            f"{{ {', '.join(f'{i} : {backend}' for i, backend in enumerate(backends))} }}"
            for protocol, port, backends in plan.SERVICES)
        self.rig.lb.run("nft", "-f", "-", stdin=f"""
            table ip balancer {{
              chain incoming {{ type nat hook prerouting priority dstnat;
                {rules}
              }}
              chain outgoing {{ type nat hook postrouting priority srcnat;
                oifname "lb1" snat to {plan.LOCALS[0]}-{plan.LOCALS[-1]}
              }}
            }}""")
        self.rig.lb.sysctl(ipv4__ip_forward=1, netfilter__nf_conntrack_tcp_timeout_time_wait=10)

    def tracked(self):
        with self.rig.lb, open("/proc/sys/net/netfilter/nf_conntrack_count", encoding="ascii") as file:
            return int(file.read())


class _Proxy(Contender):
    @staticmethod
    def held_of(count):
        if count > MOST_PROXIED:
            return None, "two sockets with buffers for each connection: a million do not fit in 24 GiB"
        room = (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 2000) // 2
        if count <= room:
            return count, None
        return room, f"a process may have {2 * room + 2000:,} open files here, two for each connection: it held {room:,}, in its favour"

    def tracked(self):
        # Towards the servers: the kernel answers clients before the proxy has seen them.
        return len(self.rig.lb.run("ss", "-Htn", "state", "established", f"dport = :{plan.HELD}").splitlines())

    def stop(self):
        # Held clients do not answer its last words: the kernel should not repeat them for minutes.
        self.rig.lb.sysctl(ipv4__tcp_orphan_retries=1)
        super().stop()

    def _run(self, *words):
        name = type(self).__name__.lower()
        self._own_addresses()
        self.process = self.rig.start(self.rig.lb, f"{name}-{id(self):x}", *words)
        wait_until(self._listening, 20, f"{name} to listen")

    def _listening(self):
        if self.process.ended() is not None:
            raise RuntimeError(f"{self.process.name} ended with status {self.process.ended()}: {self.process.output()}")
        return f":{plan.HELD} " in self.rig.lb.run("ss", "-Hltn")

    def _file(self, name, text):
        path = self.rig.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Haproxy(_Proxy):
    """HAProxy, mode tcp, one thread."""

    udp = False
    seen_as = {plan.LOCALS[0]}
    settings = "mode tcp, nbthread 1"

    def start(self):
        connections = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 500
        text = (f"global\n nbthread 1\n maxconn {connections}\n"
                f"defaults\n mode tcp\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n maxconn {connections}\n backlog 65535\n")
        for protocol, port, backends in plan.SERVICES:
            if protocol == "tcp":
                servers = "".join(f" server s{i} {backend}:{port}\n" for i, backend in enumerate(backends))
                text += f"listen l{port}\n bind {plan.VIP}:{port}\n balance roundrobin\n source {plan.LOCALS[0]}\n{servers}"
        self._run("haproxy", "-db", "-f", self._file("haproxy.cfg", text))


class Nginx(_Proxy):
    """nginx stream, one worker."""

    seen_as = {plan.LOCALS[0]}
    settings = "stream, one worker"
    _MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"

    def start(self):
        # Debian has the module in a file of its own, others have it inside.
        load = f"load_module {self._MODULE};\n" if os.path.exists(self._MODULE) else ""
        text = (f"{load}daemon off;\nworker_processes 1;\nuser root;\npid {self.rig.path('stream.pid')};\n"
                f"events {{ worker_connections {resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500}; }}\nstream {{\n")
        for number, (protocol, port, backends) in enumerate(plan.SERVICES):
            servers = " ".join(f"server {backend}:{port};" for backend in backends)
            kind, timeout = (" udp", "30s") if protocol == "udp" else (" backlog=65535", "1h")
            text += (f" upstream u{number} {{ {servers} }}\n server {{ listen {plan.VIP}:{port}{kind}; proxy_pass u{number}; "
                     f"proxy_bind {plan.LOCALS[0]}; proxy_timeout {timeout}; }}\n")
        self._run("nginx", "-e", self.rig.path("stream.log"), "-c", self._file("stream.conf", text + "}\n"))


class SluiceNode(Contender):
    """The daemon as ``tools/sluice daemon`` runs it."""

    dataplane = {}

    def __init__(self, rig, room=1_000_000):
        super().__init__(rig, room)
        self.daemon = Sluice(rig, self._configure)

    @property
    def pid(self):
        """The process id of the daemon."""
        return self.daemon.process.pid

    def start(self):
        self.daemon.start()
        self.process = self.daemon.process

    def tracked(self):
        try:
            return self.daemon.get("/v1/status")["connections"]
        except OSError:  # packets may flow before the API listens
            return 0

    def stop(self):
        if self.daemon.process is None:
            return
        try:
            self.daemon.stop()
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            raise

    def _configure(self, settings):
        settings["dataplane"] = {"interfaces": ["lb0", "lb1"], "maxConnections": self.room, **self.dataplane}
        settings["localPools"] = [{"name": "pool", "addresses": plan.LOCALS, "interface": "lb1"}]
        settings["serverGroups"] = [
            {"name": f"{protocol}-{port}", "backends": [{"serverIp": backend, "port": port} for backend in backends]}
            for protocol, port, backends in plan.SERVICES]
        settings["loadBalancers"] = [{
            "name": "front", "address": plan.VIP, "interface": "lb0", "localPool": "pool",
            "listeners": [{"name": f"{protocol}-{port}", "protocol": protocol, "port": port, "serverGroup": f"{protocol}-{port}",
                           **({"timeouts": {"established": 7200}} if port == plan.HELD else {})}
                          for protocol, port, _ in plan.SERVICES]}]


def _variant(**dataplane):
    """Sluice with other settings of its data plane."""
    words = ", ".join(f"{key} {value}" for key, value in dataplane.items()) or "as it comes"
    return type("SluiceVariant", (SluiceNode,), {"dataplane": dataplane, "settings": words})


# One line for each. What is not in DEFAULT is run when --with names it.
CONTENDERS = {
    "sluice": _variant(),
    "sluice:dedicated": _variant(threading="dedicated"),
    "sluice:af_xdp": _variant(port="af_xdp"),
    "sluice:2-lanes": _variant(lanes=2),
    "route": Route,
    "forwarder": Forwarder,
    "nftables": Nftables,
    "haproxy": Haproxy,
    "nginx": Nginx,
}
DEFAULT = ["sluice", "route", "forwarder", "nftables", "haproxy", "nginx"]


def is_ours(name):
    """Whether a contender is Sluice."""
    return name.split(":")[0] == "sluice"
