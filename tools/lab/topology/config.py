"""The configuration that the lab runs Sluice with: one listener for everything that the scenarios need."""

import json

from topology import plan
from topology.servers import HTTP_PORT, PEER_PORT, SAMPLE_C_PORT, SAMPLE_PYTHON_PORT

# Listener ports, and what is behind each; the same on every VIP.
HTTP = 80               # nginx on rs1 and rs2
HTTP_ALONE = 81         # nginx on rs1 alone
PEER = 7000             # the test program on rs1 and rs2
IDLE = 7001             # the same, established connections end after IDLE_SECONDS
RESET_UNKNOWN = 7002    # the same, unknown packets are answered with RST
NARROW = 7003           # the same on rs1 alone, with NARROW_PORTS local ports
EMPTY = 7004            # a group without backends
ALONE = 7005            # the test program on rs1 alone
DEEP = 7006             # the test program on rs3, behind the inner router
ABSENT = 7007           # a backend that is not there
PLAIN = 7008            # the test program on rs1, without the TTM option
FLOOD = 7009            # the test program, half-open connections end after a second
CLOSED = 7011           # nothing listens on that port of rs1
UDP_PEER = 7000
UDP_PROXY = 7010        # PROXY protocol v2 in front of the first datagram
SAMPLE_C = SAMPLE_C_PORT
SAMPLE_PYTHON = SAMPLE_PYTHON_PORT
IPERF = 5201            # iperf3 on rs1

IDLE_SECONDS = 2
PORTS = ("auto", "af_packet", "af_xdp")
NARROW_PORTS = 128
ABSENT_IPV4, ABSENT_IPV6 = "10.2.0.99", "fd02::99"

_GROUPS = {
    "web": (("rs1", "rs2"), HTTP_PORT),
    "web-alone": (("rs1",), HTTP_PORT),
    "peer": (("rs1", "rs2"), PEER_PORT),
    "alone": (("rs1",), PEER_PORT),
    "deep": (("rs3",), PEER_PORT),
    "empty": ((), 0),
    "closed": (("rs1",), 9),
    "sample-c": (("rs1", "rs2"), SAMPLE_C_PORT),
    "sample-python": (("rs1", "rs2"), SAMPLE_PYTHON_PORT),
    "iperf": (("rs1",), IPERF),
}


def config(lab, state, socket_path, port="auto"):
    """A fresh configuration; scenarios change their copy as they like."""
    inner = "eth0" if lab.one_arm else "eth1"
    return {
        "node": {"name": "lab", "stateDirectory": state, "socket": socket_path},
        "dataplane": {"interfaces": sorted({"eth0", inner}), "port": port, "maxConnections": 65536, "storeShards": 2,
                      "receiveFrames": 1024},
        "localPools": [
            {"name": "wide", "addresses": [plan.LOCAL_IPV4, plan.LOCAL_IPV6], "ports": "5000-65535", "interface": inner},
            {"name": "narrow", "addresses": [plan.NARROW_IPV4, plan.NARROW_IPV6],
             "ports": f"40000-{40000 + NARROW_PORTS - 1}", "interface": inner},
        ],
        "serverGroups": _groups("v4", plan.SERVERS_IPV4, ABSENT_IPV4) + _groups("v6", plan.SERVERS_IPV6, ABSENT_IPV6),
        "loadBalancers": [
            _load_balancer("front4", plan.VIP_IPV4, "v4"),
            _load_balancer("front6to4", plan.VIP_6TO4, "v4"),
            _load_balancer("front6", plan.VIP_IPV6, "v6"),
        ],
    }


def write(path, settings):
    """Writes a configuration file: JSON, which is YAML too."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)
        file.write("\n")
    return path


def listener(settings, name, vip=plan.VIP_IPV4):
    """A listener of a configuration, to be changed."""
    balancer = next(lb for lb in settings["loadBalancers"] if lb["address"] == vip)
    return next(entry for entry in balancer["listeners"] if entry["name"] == name)


def group(settings, name):
    """A server group of a configuration, to be changed."""
    return next(entry for entry in settings["serverGroups"] if entry["name"] == name)


def _groups(family, servers, absent):
    groups = [{"name": f"{name}-{family}", "backends": [{"serverIp": servers[role], "port": port} for role in roles]}
              for name, (roles, port) in _GROUPS.items()]
    return groups + [{"name": f"absent-{family}", "backends": [{"serverIp": absent, "port": PEER_PORT}]}]


def _load_balancer(name, address, family):
    def tcp(label, port, group_name, **more):
        return {"name": label, "protocol": "tcp", "port": port, "serverGroup": f"{group_name}-{family}", **more}

    def udp(label, port, group_name, **more):
        return {"name": label, "protocol": "udp", "port": port, "serverGroup": f"{group_name}-{family}", **more}

    return {
        "name": name, "address": address, "interface": "eth0", "localPool": "wide",
        "listeners": [
            tcp("http", HTTP, "web", scheduler="rr"),
            tcp("http-alone", HTTP_ALONE, "web-alone"),
            tcp("peer", PEER, "peer"),
            tcp("idle", IDLE, "peer", timeouts={"established": IDLE_SECONDS}),
            tcp("reset-unknown", RESET_UNKNOWN, "peer", resetUnknown=True),
            tcp("narrow", NARROW, "alone", localPool="narrow", timeouts={"timeWait": 1, "lastAck": 1, "closed": 1}),
            tcp("empty", EMPTY, "empty"),
            tcp("alone", ALONE, "alone"),
            tcp("deep", DEEP, "deep"),
            tcp("absent", ABSENT, "absent"),
            tcp("flood", FLOOD, "peer", timeouts={"synSent": 1, "synReceived": 1}),
            tcp("closed", CLOSED, "closed"),
            tcp("plain", PLAIN, "alone", ttm={"insert": False}),
            tcp("sample-c", SAMPLE_C, "sample-c"),
            tcp("sample-python", SAMPLE_PYTHON, "sample-python"),
            tcp("iperf", IPERF, "iperf"),
            udp("udp-peer", UDP_PEER, "peer"),
            udp("udp-deep", DEEP, "deep"),
            udp("udp-empty", EMPTY, "empty"),
            udp("udp-alone", ALONE, "alone"),
            udp("udp-closed", CLOSED, "closed"),
            udp("udp-proxy", UDP_PROXY, "alone", proxyProtocol=True),
            udp("udp-iperf", IPERF, "iperf"),
        ],
    }
