"""How many small datagrams a second get through: a paced sender, and a sink that costs next to nothing."""

import json
import socket
import time

from topology import plan
from topology.client import open_socket

UDP_SEGMENT = 103       # linux/udp.h: the kernel cuts what one call gives into datagrams of this size
PAYLOAD = 18
BATCH = 32
LADDER = [25_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 350_000, 400_000, 450_000, 500_000, 600_000, 700_000, 800_000]
STEP_SECONDS = 1.0
ALLOWED_LOSS = 0.01

_SINK = """
table netdev sink {{
  chain arriving {{
    type filter hook ingress device "eth0" priority 0;
    udp dport {port} counter drop
  }}
}}
"""


def rate_within_loss(lab, vip, port, role):
    """The highest rate of the ladder, packets a second as they arrived, of which no more than 1 % was lost."""
    server = lab.namespaces[role]
    # Cut in the client's stack, so that single frames cross the wire.
    lab.client.run("ethtool", "-K", "eth0", "tx-udp-segmentation", "off")
    server.run("nft", "-f", "-", stdin=_SINK.format(port=port))
    best = 0.0
    try:
        for rate in LADDER:
            before = _arrived(server)
            sent, seconds = _send(lab, vip, port, rate)
            time.sleep(0.2)
            arrived = _arrived(server) - before
            if arrived < sent * (1 - ALLOWED_LOSS) or sent / seconds < rate * 0.9:
                break
            best = arrived / seconds
    finally:
        server.run("nft", "delete", "table", "netdev", "sink")
        lab.client.run("ethtool", "-K", "eth0", "tx-udp-segmentation", "on")
    return best


def _send(lab, vip, port, rate):
    """Sends at a rate from several client ports; gives the number of datagrams and how long it took."""
    payload = b"\0" * (PAYLOAD * BATCH)
    sockets = []
    for address in plan.CLIENTS_IPV4[:4]:
        sock = open_socket(lab.client, vip, socket.SOCK_DGRAM)
        sock.bind((address, 0))
        sock.connect((vip, port))
        sock.send(b"\0" * PAYLOAD)  # opens the connection
        sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, PAYLOAD)
        sockets.append(sock)
    time.sleep(0.05)
    start = time.perf_counter()
    sent = len(sockets)
    turn = 0
    while (elapsed := time.perf_counter() - start) < STEP_SECONDS:
        if sent < elapsed * rate:
            sockets[turn % len(sockets)].send(payload)
            turn += 1
            sent += BATCH
    for sock in sockets:
        sock.close()
    return sent, elapsed


def _arrived(server):
    rules = json.loads(server.run("nft", "-j", "list", "table", "netdev", "sink"))["nftables"]
    return next(part["counter"]["packets"] for entry in rules if "rule" in entry for part in entry["rule"]["expr"] if "counter" in part)
