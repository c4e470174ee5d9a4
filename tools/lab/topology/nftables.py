"""The kernel as load balancer: nftables DNAT and SNAT. The peer in comparisons, and a check of the lab itself."""

from topology import plan
from topology.config import IPERF

_RULES = """
table ip balancer {{
  chain incoming {{
    type nat hook prerouting priority dstnat;
    ip daddr {vip4} meta l4proto {{ tcp, udp }} th dport {alone} dnat to {rs1v4}
    ip daddr {vip4} meta l4proto {{ tcp, udp }} dnat to numgen inc mod 2 map {{ 0 : {rs1v4}, 1 : {rs2v4} }}
  }}
  chain outgoing {{
    type nat hook postrouting priority srcnat;
    oifname "{out}" ip daddr {{ {rs1v4}, {rs2v4} }} snat to {lip4}
  }}
}}
table ip6 balancer {{
  chain incoming {{
    type nat hook prerouting priority dstnat;
    ip6 daddr {vip6} meta l4proto {{ tcp, udp }} th dport {alone} dnat to {rs1v6}
    ip6 daddr {vip6} meta l4proto {{ tcp, udp }} dnat to numgen inc mod 2 map {{ 0 : {rs1v6}, 1 : {rs2v6} }}
  }}
  chain outgoing {{
    type nat hook postrouting priority srcnat;
    oifname "{out}" ip6 daddr {{ {rs1v6}, {rs2v6} }} snat to {lip6}
  }}
}}
"""


class Nftables:
    """Every TCP and UDP port of the VIPs goes to rs1 and rs2 in turn, iperf3's to rs1; 4to4 and 6to6 (the kernel has no 6to4)."""

    name = "nftables"

    def __init__(self, lab):
        self.lab = lab
        self._inner = "eth0" if lab.one_arm else "eth1"

    def start(self):
        """Puts addresses and rules in place."""
        lb = self.lab.lb
        for address in self._addresses():
            lb.ip("addr", "add", *address)
        lb.sysctl(ipv4__ip_forward=1, ipv6__conf__all__forwarding=1)
        lb.run("nft", "-f", "-", stdin=_RULES.format(
            alone=IPERF, vip4=plan.VIP_IPV4, vip6=plan.VIP_IPV6, lip4=plan.LOCAL_IPV4, lip6=plan.LOCAL_IPV6, out=self._inner,
            rs1v4=plan.SERVERS_IPV4["rs1"], rs2v4=plan.SERVERS_IPV4["rs2"],
            rs1v6=plan.SERVERS_IPV6["rs1"], rs2v6=plan.SERVERS_IPV6["rs2"]))

    def stop(self):
        """Takes them away again."""
        lb = self.lab.lb
        lb.run("nft", "delete table ip balancer; delete table ip6 balancer")
        lb.sysctl(ipv4__ip_forward=0, ipv6__conf__all__forwarding=0)
        for address in self._addresses():
            lb.ip("addr", "del", *address)

    def _addresses(self):
        return [(f"{plan.VIP_IPV4}/32", "dev", "eth0"), (f"{plan.VIP_IPV6}/128", "dev", "eth0", "nodad"),
                (f"{plan.LOCAL_IPV4}/32", "dev", self._inner), (f"{plan.LOCAL_IPV6}/128", "dev", self._inner, "nodad")]
