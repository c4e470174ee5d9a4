"""Addresses, ports and cores of the bench."""

LOAD_CORE, BALANCER_CORE = 0, 1

CLIENT, FRONT = "10.50.1.1", "10.50.1.2"
BACK = "10.50.2.2"
SERVERS = ["10.50.2.11", "10.50.2.12"]

# Both are routed by way of the load balancer's own address: the neighbours never wait for ARP while it restarts.
VIP, VIPS = "10.50.9.100", "10.50.9.0/24"
LOCALS, LOCAL_NETWORK = [f"10.50.8.{last}" for last in range(1, 21)], "10.50.8.0/24"

# The ends of held connections.
HOLDING_CLIENT, HOLDING_CLIENTS = "10.51.0.1", "10.51.0.0/16"
HOLDING_SERVERS, HOLDING_NETWORK = [f"10.52.0.{last}" for last in range(1, 17)], "10.52.0.0/16"

HTTP, BULK, ECHO, SINK, HELD = 80, 5201, 7000, 9000, 8000

# What balances each port: protocol, port, backends.
SERVICES = [
    ("tcp", HTTP, SERVERS),
    ("tcp", BULK, SERVERS),
    ("tcp", ECHO, SERVERS),
    ("tcp", HELD, HOLDING_SERVERS),
    ("udp", ECHO, SERVERS),
    ("udp", SINK, SERVERS),
]
