// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Gives an AF_XDP socket what is ours, and leaves the kernel the rest.
 *
 *   NIC --> this program --(ours)--> AF_XDP socket of the receive queue
 *                `--------(not ours)--> tc ingress --> the kernel's stack: ARP, ND, ssh, BGP ...
 *
 * What is redirected the kernel never sees, so only what it would not have missed is:
 *   - what the ingress filter would take away from it (include/owned.bpf.h),
 *   - ICMP errors that quote a packet from an address and port of ours: no socket of the kernel's could be meant,
 *   - later fragments of a packet whose first fragment was ours.
 * Frames to another host's MAC address (bridges, macvlan, promiscuous mode) and tagged ones are the kernel's. A queue without
 * a socket passes everything; the ingress filter keeps the kernel quiet all the same.
 *
 * One copy is loaded for each interface. It shares the maps of include/owned.bpf.h with the ingress filter, by descriptor.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define ALLOWED_OFFSET	0xfff

typedef __u32 __attribute__((may_alias)) any32;
typedef __u16 __attribute__((may_alias)) any16;

/* Length is a constant, so that this becomes a few loads. The kernel's packets are readable at any alignment on the
 * machines that Sluice runs on. */
static __always_inline int load(void *ctx, __u32 offset, void *to, const __u32 length)
{
	void *end = (void *)(long)((struct xdp_md *)ctx)->data_end;
	void *at = (void *)(long)((struct xdp_md *)ctx)->data;
	__u32 done = 0;

	if (offset > ALLOWED_OFFSET)
		return -1;
	/* Says to the verifiers of older kernels what the line above says. */
	asm volatile("%0 &= 0xfff" : "+r"(offset));
	at += offset;
	if (at + length > end)
		return -1;
#pragma unroll
	for (; done + 4 <= length; done += 4)
		*(any32 *)(to + done) = *(any32 *)(at + done);
	if (length & 2) {
		*(any16 *)(to + done) = *(any16 *)(at + done);
		done += 2;
	}
	if (length & 1)
		*(__u8 *)(to + done) = *(__u8 *)(at + done);
	return 0;
}

#include "owned.bpf.h"

#define QUEUES				1024
#define FRAGMENTS			4096
/* As long as a kernel waits for missing fragments (ip_frag_time). */
#define FRAGMENT_LIFE_NS		30000000000ULL
#define ICMP_HEADER			8
#define ICMP_UNREACHABLE		3
#define ICMP_TIME_EXCEEDED		11
#define ICMP_PARAMETER_PROBLEM		12
#define ICMPV6_UNREACHABLE		1
#define ICMPV6_PARAMETER_PROBLEM	4

/* Hardware address of the interface: six bytes, two of padding. */
struct port {
	__u16 mac[4];
};

struct fragment {
	struct address source;
	struct listener destination;
	__u32 identification;
};

/* The sockets, by receive queue. */
struct map_definition SEC("maps") steer_sockets = {
	.type = BPF_MAP_TYPE_XSKMAP,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = QUEUES,
};

struct map_definition SEC("maps") steer_port = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct port),
	.max_entries = 1,
};

/* Packets of ours that come in fragments, and when the first one came. */
struct map_definition SEC("maps") steer_fragments = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = sizeof(struct fragment),
	.value_size = sizeof(__u64),
	.max_entries = FRAGMENTS,
};

static __always_inline int is_for_this_host(const __u16 *destination)
{
	__u32 key = 0;
	const struct port *port = bpf_map_lookup_elem(&steer_port, &key);

	if (!port || *(const __u8 *)destination & 1)
		return 1;
	return destination[0] == port->mac[0] && destination[1] == port->mac[1] && destination[2] == port->mac[2];
}

static __always_inline int is_error(__u8 protocol, __u8 type)
{
	if (protocol == IPPROTO_ICMP)
		return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
	return protocol == IPPROTO_ICMPV6 && type >= ICMPV6_UNREACHABLE && type <= ICMPV6_PARAMETER_PROBLEM;
}

/* An ICMP error at h->offset: did the packet it quotes come from an address and port of ours? */
static __always_inline int quotes_us(void *ctx, struct headers *h, int ipv4)
{
	struct headers quoted = { .offset = h->offset + ICMP_HEADER };
	const struct ownership *owned;
	__u8 type;

	if (load(ctx, h->offset, &type, sizeof(type)) || !is_error(h->end.protocol, type))
		return 0;
	if (ipv4) {
		if (!read_ipv4(ctx, &quoted, offsetof(struct iphdr, saddr)))
			return 0;
	} else {
		if (load(ctx, quoted.offset + offsetof(struct ipv6hdr, saddr), &quoted.end.address, sizeof(quoted.end.address)) ||
		    !walk_ipv6(ctx, &quoted))
			return 0;
	}
	if (quoted.endless || quoted.later_fragment ||
	    (quoted.end.protocol != IPPROTO_TCP && quoted.end.protocol != IPPROTO_UDP))
		return 0;
	owned = bpf_map_lookup_elem(&owned_addresses, &quoted.end.address);
	if (!owned || load(ctx, quoted.offset, &quoted.end.port, sizeof(quoted.end.port)))
		return 0;
	return owns_port(owned, &quoted.end);
}

/* Fragments follow their first one, be it ours or the kernel's. */
static __always_inline enum judgement follow(void *ctx, const struct headers *h, int ipv4, enum judgement judgement)
{
	/* IPv6 fragments may differ in what they say comes next (RFC 8200, 4.5). */
	struct fragment key = { .destination.address = h->end.address, .destination.protocol = ipv4 ? h->end.protocol : 0,
				.identification = h->identification };
	__u64 now = bpf_ktime_get_ns();
	__u64 *began;

	if (ipv4 ? load(ctx, ETH_HLEN + offsetof(struct iphdr, saddr), &key.source.word[3], sizeof(__u32))
		 : load(ctx, ETH_HLEN + offsetof(struct ipv6hdr, saddr), &key.source, sizeof(key.source)))
		return NOT_OURS;
	if (h->later_fragment) {
		began = bpf_map_lookup_elem(&steer_fragments, &key);
		return began && now - *began < FRAGMENT_LIFE_NS ? OURS : NOT_OURS;
	}
	if (judgement == OURS)
		bpf_map_update_elem(&steer_fragments, &key, &now, BPF_ANY);
	else
		bpf_map_delete_elem(&steer_fragments, &key);
	return judgement;
}

SEC("xdp")
int steer(struct xdp_md *ctx)
{
	struct headers h = { .offset = ETH_HLEN };
	const struct ownership *owned = NULL;
	enum judgement judgement;
	__u16 ethernet[ETH_HLEN / 2];
	int ipv4;

	if (load(ctx, 0, ethernet, sizeof(ethernet)))
		return XDP_PASS;
	ipv4 = ethernet[6] == bpf_htons(ETH_P_IP);
	if (ipv4)
		owned = destination_ipv4(ctx, &h);
	else if (ethernet[6] == bpf_htons(ETH_P_IPV6))
		owned = destination_ipv6(ctx, &h);
	if (!owned || !is_for_this_host(ethernet))
		return XDP_PASS;
	judgement = judge(ctx, owned, &h);
	if (h.first_fragment || h.later_fragment)
		judgement = follow(ctx, &h, ipv4, judgement);
	else if (judgement == NOT_OURS && quotes_us(ctx, &h, ipv4))
		judgement = OURS;
	return judgement == OURS ? bpf_redirect_map(&steer_sockets, ctx->rx_queue_index, XDP_PASS) : XDP_PASS;
}

char license_text[] SEC("license") = "GPL";
