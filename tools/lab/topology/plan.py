"""Who has which address in the lab."""

CLIENTS_IPV4 = [f"10.9.1.{last}" for last in range(10, 20)]
CLIENTS_IPV6 = [f"fd09:1::{last}" for last in range(10, 20)]
CLIENT_IPV4, CLIENT_IPV6 = CLIENTS_IPV4[0], CLIENTS_IPV6[0]
FAR_IPV4, FAR_IPV6 = "10.9.2.10", "fd09:2::10"

VIP_IPV4 = "10.1.0.100"
VIP_6TO4 = "fd01::100"
VIP_IPV6 = "fd01::101"

LOCAL_IPV4, LOCAL_IPV6 = "10.2.0.100", "fd02::100"
NARROW_IPV4, NARROW_IPV6 = "10.2.0.101", "fd02::101"

SERVERS_IPV4 = {"rs1": "10.2.0.11", "rs2": "10.2.0.12", "rs3": "10.4.0.11"}
SERVERS_IPV6 = {"rs1": "fd02::11", "rs2": "fd02::12", "rs3": "fd04::11"}

# Namespace and interface of both ends of every link, two-armed.
LINKS = {
    "access": ("client", "eth0", "router", "access"),
    "far": ("far", "eth0", "router", "far"),
    "front": ("router", "front", "lb", "eth0"),
    "back": ("lb", "eth1", "switch", "lb"),
    "rs1": ("switch", "rs1", "rs1", "eth0"),
    "rs2": ("switch", "rs2", "rs2", "eth0"),
    "inner": ("switch", "inner", "inner", "eth0"),
    "deep": ("inner", "eth1", "rs3", "eth0"),
}

# One-armed: the router joins the servers' segment, and so does the load balancer's only interface.
ONE_ARM = {**LINKS, "front": ("router", "front", "switch", "router"), "back": ("lb", "eth0", "switch", "lb")}

NAMESPACES = ["client", "far", "router", "lb", "switch", "rs1", "rs2", "inner", "rs3"]

ADDRESSES = {
    ("client", "eth0"): [f"{a}/24" for a in CLIENTS_IPV4] + [f"{a}/64" for a in CLIENTS_IPV6],
    ("far", "eth0"): [f"{FAR_IPV4}/24", f"{FAR_IPV6}/64"],
    ("router", "access"): ["10.9.1.1/24", "fd09:1::1/64"],
    ("router", "far"): ["10.9.2.1/24", "fd09:2::1/64"],
    ("router", "front"): ["10.1.0.1/24", "fd01::1/64"],
    ("lb", "eth0"): ["10.1.0.2/24", "fd01::2/64"],
    ("lb", "eth1"): ["10.2.0.2/24", "fd02::2/64"],
    ("rs1", "eth0"): ["10.2.0.11/24", "fd02::11/64"],
    ("rs2", "eth0"): ["10.2.0.12/24", "fd02::12/64"],
    ("inner", "eth0"): ["10.2.0.1/24", "fd02::1/64"],
    ("inner", "eth1"): ["10.4.0.1/24", "fd04::1/64"],
    ("rs3", "eth0"): ["10.4.0.11/24", "fd04::11/64"],
}

# Default routes, and the load balancer's way to the server behind the inner router.
ROUTES = {
    "client": [("default", "10.9.1.1", "fd09:1::1")],
    "far": [("default", "10.9.2.1", "fd09:2::1")],
    "lb": [("default", "10.1.0.1", "fd01::1"), ("deep", "10.2.0.1", "fd02::1")],
    "rs1": [("default", "10.2.0.2", "fd02::2")],
    "rs2": [("default", "10.2.0.2", "fd02::2")],
    "inner": [("default", "10.2.0.2", "fd02::2")],
    "rs3": [("default", "10.4.0.1", "fd04::1")],
}

DEEP_IPV4, DEEP_IPV6 = "10.4.0.0/24", "fd04::/64"
