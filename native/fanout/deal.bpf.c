// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Deals packets out to lanes: the program of a packet socket's fan-out group (packet(7), PACKET_FANOUT_EBPF), one member a lane.
 *
 *   to a port of a local address      the port's number, modulo the lanes: the lane that leased it
 *   a fragment                        hash of addresses, protocol and identification
 *   other TCP and UDP to our address  hash of addresses, protocol and ports
 *   anything else                     lane 0, which leaves it to the kernel or hands it to its owner
 *
 * The hash is that of LaneHash in Java, and the rules are those of Steering: a packet that is dealt otherwise than they say
 * costs its lane a hand-over, no more.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A fan-out group sees packets from their IP header on, wherever the frame's own beginning is. */
static __always_inline int load(void *ctx, __u32 offset, void *to, const __u32 length)
{
	return bpf_skb_load_bytes_relative(ctx, offset, to, length, BPF_HDR_START_NET);
}

#include "owned.bpf.h"

#define MULTIPLIER	0xd6e8feb86659fd93ULL

struct settings {
	__u64 key;
	__u64 lanes;
};

struct map_definition SEC("maps") deal_settings = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct settings),
	.max_entries = 1,
};

/* Two halves of an address, in host order. */
struct halves {
	__u64 high;
	__u64 low;
};

static __always_inline __u64 mix(__u64 hash, __u64 word)
{
	__u64 product = (hash ^ word) * MULTIPLIER;

	return product ^ product >> 32;
}

static __always_inline __u32 lane(const struct settings *settings, const struct halves *source, const struct address *destination,
				  __u64 last)
{
	__u64 hash = mix(settings->key, source->high);

	hash = mix(hash, source->low);
	hash = mix(hash, (__u64)bpf_ntohl(destination->word[0]) << 32 | bpf_ntohl(destination->word[1]));
	hash = mix(hash, (__u64)bpf_ntohl(destination->word[2]) << 32 | bpf_ntohl(destination->word[3]));
	hash = mix(hash, last);
	return (mix(hash, settings->key) >> 32) * settings->lanes >> 32;
}

static __always_inline int is_local_port(const struct ownership *owned, __u16 port)
{
#pragma unroll
	for (int i = 0; i < RANGES; i++)
		if (port >= owned->range[i].first && port <= owned->range[i].last)
			return 1;
	return 0;
}

static __always_inline int source_of(void *ctx, int ipv4, struct halves *source)
{
	__be32 word[4];

	if (ipv4) {
		if (load(ctx, offsetof(struct iphdr, saddr), word, sizeof(word[0])))
			return 0;
		source->high = 0;
		source->low = 0xffffULL << 32 | bpf_ntohl(word[0]);
		return 1;
	}
	if (load(ctx, offsetof(struct ipv6hdr, saddr), word, sizeof(word)))
		return 0;
	source->high = (__u64)bpf_ntohl(word[0]) << 32 | bpf_ntohl(word[1]);
	source->low = (__u64)bpf_ntohl(word[2]) << 32 | bpf_ntohl(word[3]);
	return 1;
}

SEC("socket")
int deal(struct __sk_buff *skb)
{
	struct headers h = {};
	const struct ownership *owned = NULL;
	const struct settings *settings;
	struct halves source;
	__be16 ports[2];
	__u32 zero = 0;
	__u64 protocol;
	int ipv4 = skb->protocol == bpf_htons(ETH_P_IP);

	settings = bpf_map_lookup_elem(&deal_settings, &zero);
	if (!settings || skb->vlan_present)
		return 0;
	if (ipv4)
		owned = destination_ipv4(skb, &h);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		owned = destination_ipv6(skb, &h);
	if (!owned || h.endless || !source_of(skb, ipv4, &source))
		return 0;
	protocol = (__u64)h.end.protocol << 32;
	if (h.first_fragment || h.later_fragment)
		return lane(settings, &source, &h.end.address,
			    protocol | (ipv4 ? bpf_ntohs((__be16)h.identification) : bpf_ntohl(h.identification)));
	if ((h.end.protocol != IPPROTO_TCP && h.end.protocol != IPPROTO_UDP) || load(skb, h.offset, ports, sizeof(ports)))
		return 0;
	if (is_local_port(owned, bpf_ntohs(ports[1])))
		return bpf_ntohs(ports[1]) % settings->lanes;
	return lane(settings, &source, &h.end.address, protocol | (__u64)bpf_ntohs(ports[0]) << 16 | bpf_ntohs(ports[1]));
}

char license_text[] SEC("license") = "GPL";
