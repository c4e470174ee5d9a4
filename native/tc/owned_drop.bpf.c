// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Keeps the kernel from answering traffic that is ours: a tc ingress program on every port interface.
 *
 *   NIC --> packet socket (Sluice takes its copy) --> this program --> the kernel's own IP stack
 *                                                        |
 *                                                        +--> dropped, if owned: no RST, no port unreachable, no echo reply
 *
 * What is owned: include/owned.bpf.h. All the rest goes on to whatever program comes next, and then to the kernel: ARP, ND,
 * ICMP errors, VLAN-tagged frames (their interface has a port of its own), and the rest of the ports of our addresses.
 *
 * Fragments: the first one carries the ports and is judged by them. Later ones go on to the kernel: without the first it
 * can neither complete the datagram nor answer (ICMP "reassembly time exceeded" needs the first fragment too), whereas
 * dropping them would break fragmented datagrams to the kernel's own services on the same address.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* Headers of a super-frame need not lie in the linear part of the buffer, so they are copied out. */
static __always_inline int load(void *ctx, __u32 offset, void *to, const __u32 length)
{
	return bpf_skb_load_bytes(ctx, offset, to, length);
}

#include "owned.bpf.h"

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

SEC("tc")
int owned_drop(struct __sk_buff *skb)
{
	struct headers h = { .offset = ETH_HLEN };
	const struct ownership *owned = NULL;

	if (skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		owned = destination_ipv4(skb, &h);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		owned = destination_ipv6(skb, &h);
	return owned && judge(skb, owned, &h) == OURS ? drop() : TC_ACT_UNSPEC;
}

char license_text[] SEC("license") = "GPL";
