// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Keeps the kernel from answering traffic that is ours: a tc ingress program on every port interface.
 *
 *   NIC --> packet socket (Sluice takes its copy) --> this program --> the kernel's own IP stack
 *                                                        |
 *                                                        +--> dropped, if owned: no RST, no port unreachable, no echo reply
 *
 * Owned is
 *   - TCP and UDP to (address, protocol, port) of a listener,
 *   - TCP and UDP to (address, port within a range) of a local address,
 *   - ICMP and ICMPv6 echo requests to an address of a listener.
 * All the rest goes on to whatever program comes next, and then to the kernel: ARP, ND, ICMP errors, VLAN-tagged frames
 * (their interface has a port of its own), and the rest of the ports of our addresses.
 *
 * Fragments: the first one carries the ports and is judged by them. Later ones go on to the kernel: without the first it
 * can neither complete the datagram nor answer (ICMP "reassembly time exceeded" needs the first fragment too), whereas
 * dropping them would break fragmented datagrams to the kernel's own services on the same address.
 *
 * Reads go through bpf_skb_load_bytes, because headers of a super-frame need not lie in the linear part of the buffer.
 * Loaded by Sluice itself, without libbpf: maps are plain definitions in the section "maps".
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_EXTENSION_HEADERS	8
#define RANGES			4
#define IP_OFFSET_MASK		0x1fff
#define ICMP_ECHO_REQUEST	8
#define ICMPV6_ECHO_REQUEST	128

struct map_definition {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 flags;
};

/* IPv4 as ::ffff:a.b.c.d. */
struct address {
	__u32 word[4];
};

struct listener {
	struct address address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

/* What of an address is ours: inclusive port ranges in host order (first > last: unused), and whether pings are. */
struct ownership {
	struct {
		__u16 first;
		__u16 last;
	} range[RANGES];
	__u32 echo;
};

struct map_definition SEC("maps") owned_listeners = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(struct listener),
	.value_size = sizeof(__u32),
	.max_entries = 65536,
	.flags = BPF_F_NO_PREALLOC,
};

struct map_definition SEC("maps") owned_addresses = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(struct address),
	.value_size = sizeof(struct ownership),
	.max_entries = 65536,
	.flags = BPF_F_NO_PREALLOC,
};

struct map_definition SEC("maps") dropped = {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1,
};

static __always_inline int drop(void)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&dropped, &key);

	if (count)
		(*count)++;
	return TC_ACT_SHOT;
}

static __always_inline int judge_ports(struct __sk_buff *skb, const struct ownership *owned, struct listener *key, __u32 offset)
{
	__be16 port;
	__u16 host_port;

	if (bpf_skb_load_bytes(skb, offset + 2, &port, sizeof(port)))
		return TC_ACT_UNSPEC;
	host_port = bpf_ntohs(port);
#pragma unroll
	for (int i = 0; i < RANGES; i++)
		if (host_port >= owned->range[i].first && host_port <= owned->range[i].last)
			return drop();
	key->port = port;
	return bpf_map_lookup_elem(&owned_listeners, key) ? drop() : TC_ACT_UNSPEC;
}

static __always_inline int judge_echo(struct __sk_buff *skb, const struct ownership *owned, __u8 echo_request, __u32 offset)
{
	__u8 type;

	if (!owned->echo || bpf_skb_load_bytes(skb, offset, &type, sizeof(type)))
		return TC_ACT_UNSPEC;
	return type == echo_request ? drop() : TC_ACT_UNSPEC;
}

/* The address is known to be ours; what lies at offset decides. */
static __always_inline int judge(struct __sk_buff *skb, const struct ownership *owned, struct listener *key, __u32 offset)
{
	switch (key->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return judge_ports(skb, owned, key, offset);
	case IPPROTO_ICMP:
		return judge_echo(skb, owned, ICMP_ECHO_REQUEST, offset);
	case IPPROTO_ICMPV6:
		return judge_echo(skb, owned, ICMPV6_ECHO_REQUEST, offset);
	default:
		return TC_ACT_UNSPEC;
	}
}

static __always_inline int judge_ipv4(struct __sk_buff *skb)
{
	struct listener key = { .address.word = { 0, 0, bpf_htonl(0xffff), 0 } };
	const struct ownership *owned;
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return TC_ACT_UNSPEC;
	key.address.word[3] = ip.daddr;
	owned = bpf_map_lookup_elem(&owned_addresses, &key.address);
	if (!owned || ip.frag_off & bpf_htons(IP_OFFSET_MASK))
		return TC_ACT_UNSPEC;
	key.protocol = ip.protocol;
	return judge(skb, owned, &key, ETH_HLEN + ip.ihl * 4);
}

static __always_inline int judge_ipv6(struct __sk_buff *skb)
{
	struct listener key = {};
	const struct ownership *owned;
	__u32 offset = ETH_HLEN + sizeof(struct ipv6hdr);
	__u8 header[4];
	__u8 next;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, daddr), &key.address, sizeof(key.address)) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &next, sizeof(next)))
		return TC_ACT_UNSPEC;
	owned = bpf_map_lookup_elem(&owned_addresses, &key.address);
	if (!owned)
		return TC_ACT_UNSPEC;

	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT) {
			key.protocol = next;
			return judge(skb, owned, &key, offset);
		}
		if (bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
			return TC_ACT_UNSPEC;
		if (next == IPPROTO_FRAGMENT) {
			/* Offset in the upper 13 bits: a later fragment. */
			if (header[2] || header[3] & 0xf8)
				return TC_ACT_UNSPEC;
			offset += 8;
		} else {
			offset += ((__u32)header[1] + 1) * 8;
		}
		next = header[0];
	}
	/* No honest sender has this many. The kernel might still find a TCP header behind them, and answer. */
	return drop();
}

SEC("tc")
int owned_drop(struct __sk_buff *skb)
{
	if (skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return judge_ipv4(skb);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return judge_ipv6(skb);
	return TC_ACT_UNSPEC;
}

char license_text[] SEC("license") = "GPL";
