"""The lab of tools/lab, with the guest plugged into its switch as one more real server.

::

    client --access-- router --front-- lb --back-- switch ==tap== guest   10.2.0.21, fd02::21
                                                     |--rs1-- rs1         a plain client in the guest's own network
                                                     '--rs2-- rs2         hand-made segments

Everything that can goes from ``client`` through the Sluice that runs in ``lb``. Hand-made segments come from addresses that rs2 has,
so that it answers for them in ARP and neighbour discovery, but whose TCP it drops, so that it does not reset what it does not know.
"""

import socket

from topology import plan
from topology.sluice import Sluice

GUEST_IPV4, GUEST_IPV6 = "10.2.0.21", "fd02::21"
HANDMADE_IPV4, HANDMADE_IPV6 = "10.2.0.90", "fd02::90"
STRANGER_IPV4, STRANGER_IPV6 = "10.2.0.91", "fd02::91"
TRUSTED = [f"{plan.LOCAL_IPV4}/32", f"{plan.LOCAL_IPV6}/128", f"{HANDMADE_IPV4}/32", f"{HANDMADE_IPV6}/128"]
TAP = "guest"

# The listeners of guest/server.c, and more ports of Sluice in front of the first one.
PROBE, DUAL_STACK, DEFERRED = 7000, 7001, 7002
PLAIN = 7003            # without the TTM option
STRANGER = 7004         # from a local address that the guest does not trust
SAMPLE = 8345           # the sample server in C

_BACKEND_PORTS = {"probe": PROBE, "dual": DUAL_STACK, "deferred": DEFERRED, "sample": SAMPLE}
_VIPS = {"front4": (plan.VIP_IPV4, "v4"), "front6to4": (plan.VIP_6TO4, "v4"), "front6": (plan.VIP_IPV6, "v6")}


def guest_settings():
    """What the guest's init needs to know."""
    return {"ipv4": GUEST_IPV4 + "/24", "ipv6": GUEST_IPV6 + "/64", "gateway4": plan.ROUTES["rs1"][0][1],
            "gateway6": plan.ROUTES["rs1"][0][2], "sample_port": SAMPLE}


def wire_lab(lab):
    """Makes the guest's link and the addresses of hand-made segments; starts Sluice in front of the guest."""
    lab.switch.ip("tuntap", "add", "dev", TAP, "mode", "tap")
    # A guest is slower than a flood: what it has not fetched yet is not to be dropped.
    lab.switch.ip("link", "set", TAP, "txqueuelen", "20000", "master", "br0", "up")
    rules = []
    for address in (HANDMADE_IPV4, STRANGER_IPV4, HANDMADE_IPV6, STRANGER_IPV6):
        is_ipv6 = ":" in address
        lab.rs2.ip("addr", "add", f"{address}/{128 if is_ipv6 else 32}", "dev", "eth0", *(["nodad"] if is_ipv6 else []))
        rules.append(f"add rule inet handmade in {'ip6' if is_ipv6 else 'ip'} daddr {address} meta l4proto tcp drop")
    lab.rs2.run("nft", "-f", "-", stdin="\n".join([
        "add table inet handmade", "add chain inet handmade in { type filter hook prerouting priority raw; }", *rules, ""]))
    return Sluice(lab, _serve_guest).start()


def open_wire(lab):
    """A raw socket for hand-made segments."""
    with lab.rs2:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        wire.bind(("eth0", 0))
    return wire


def _serve_guest(settings):
    """Changes the lab's configuration: the guest is the only backend."""
    settings["serverGroups"] = [
        {"name": f"{name}-{family}", "backends": [{"serverIp": address, "port": port}]}
        for family, address in (("v4", GUEST_IPV4), ("v6", GUEST_IPV6)) for name, port in _BACKEND_PORTS.items()]
    settings["loadBalancers"] = [
        {"name": name, "address": vip, "interface": "eth0", "localPool": "wide", "listeners": [
            _listener("probe", PROBE, family), _listener("dual", DUAL_STACK, family), _listener("deferred", DEFERRED, family),
            _listener("sample", SAMPLE, family), _listener("probe", PLAIN, family, "plain", ttm={"insert": False}),
            _listener("probe", STRANGER, family, "stranger", localPool="narrow")]}
        for name, (vip, family) in _VIPS.items()]


def _listener(group, port, family, name=None, **more):
    return {"name": name or group, "protocol": "tcp", "port": port, "serverGroup": f"{group}-{family}", **more}
