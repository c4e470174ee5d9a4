/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What of the traffic that reaches a port is ours: the one classification that the ingress filter (tc/owned_drop) and the
 * steering program (xdp/steer) share, and the maps behind it, which OwnedMaps in Java fills for both.
 *
 * Owned is
 *   - TCP and UDP to (address, protocol, port) of a listener,
 *   - TCP and UDP to (address, port within a range) of a local address,
 *   - ICMP and ICMPv6 echo requests to an address of a listener.
 *
 * Whoever includes this says first how bytes of a frame are read:
 *     static __always_inline int load(void *ctx, __u32 offset, void *to, const __u32 length);   0, or negative if they are not there
 */
#ifndef SLUICE_OWNED_BPF_H
#define SLUICE_OWNED_BPF_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_EXTENSION_HEADERS	8
#define RANGES			4
#define IP_OFFSET_MASK		0x1fff
#define IP_MORE_FRAGMENTS	0x2000
#define ICMP_ECHO_REQUEST	8
#define ICMPV6_ECHO_REQUEST	128

/* Loaded by Sluice itself, without libbpf: maps are plain definitions in the section "maps". */
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

enum judgement {
	NOT_OURS,
	OURS,
	/* Of an address of ours; its ports were in the first fragment. */
	LATER_FRAGMENT,
};

/* A packet's headers, as far as they were read. */
struct headers {
	/* One end of the flow: the destination, or in a quoted packet the source. */
	struct listener end;
	/* Of what follows the IP headers. */
	__u32 offset;
	/* Tells the fragments of one packet from those of others. */
	__u32 identification;
	__u8 first_fragment;
	__u8 later_fragment;
	/* More extension headers than any honest sender has. */
	__u8 endless;
};

static __always_inline int owns_port(const struct ownership *owned, const struct listener *end)
{
	__u16 port = bpf_ntohs(end->port);

#pragma unroll
	for (int i = 0; i < RANGES; i++)
		if (port >= owned->range[i].first && port <= owned->range[i].last)
			return 1;
	return bpf_map_lookup_elem(&owned_listeners, end) != NULL;
}

/* Reads an IPv4 header at h->offset. The address at address_offset becomes one end; 0 if it is not a header. */
static __always_inline int read_ipv4(void *ctx, struct headers *h, const __u32 address_offset)
{
	struct iphdr ip;

	if (load(ctx, h->offset, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return 0;
	h->end.address.word[0] = 0;
	h->end.address.word[1] = 0;
	h->end.address.word[2] = bpf_htonl(0xffff);
	h->end.address.word[3] = address_offset == offsetof(struct iphdr, saddr) ? ip.saddr : ip.daddr;
	h->end.protocol = ip.protocol;
	h->identification = ip.id;
	h->later_fragment = !!(ip.frag_off & bpf_htons(IP_OFFSET_MASK));
	h->first_fragment = !h->later_fragment && ip.frag_off & bpf_htons(IP_MORE_FRAGMENTS);
	h->offset += ip.ihl * 4;
	return 1;
}

/* Goes over the extension headers behind an IPv6 header at h->offset, whose addresses have been read; 0 if they end early. */
static __always_inline int walk_ipv6(void *ctx, struct headers *h)
{
	__u32 offset = h->offset + sizeof(struct ipv6hdr);
	__u8 header[8];
	__u8 next;

	if (load(ctx, h->offset + offsetof(struct ipv6hdr, nexthdr), &next, sizeof(next)))
		return 0;
	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT) {
			h->end.protocol = next;
			h->offset = offset;
			return 1;
		}
		/* Every extension header has at least these. */
		if (load(ctx, offset, header, sizeof(header)))
			return 0;
		if (next == IPPROTO_FRAGMENT) {
			__builtin_memcpy(&h->identification, header + 4, sizeof(h->identification));
			/* Offset in the upper 13 bits, "more" in the lowest. */
			h->later_fragment = header[2] || header[3] & 0xf8;
			h->first_fragment = !h->later_fragment && header[3] & 1;
			offset += 8;
			next = header[0];
			if (h->later_fragment) {
				h->end.protocol = next;
				h->offset = offset;
				return 1;
			}
			continue;
		}
		offset += ((__u32)header[1] + 1) * 8;
		next = header[0];
	}
	h->endless = 1;
	return 1;
}

/* The address is known to be ours; what lies behind the IP headers decides. */
static __always_inline enum judgement judge(void *ctx, const struct ownership *owned, struct headers *h)
{
	__u8 type;

	if (h->endless)
		/* The kernel might still find a TCP header behind them, and answer. */
		return OURS;
	if (h->later_fragment)
		return LATER_FRAGMENT;
	switch (h->end.protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		if (load(ctx, h->offset + 2, &h->end.port, sizeof(h->end.port)))
			return NOT_OURS;
		return owns_port(owned, &h->end) ? OURS : NOT_OURS;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (!owned->echo || load(ctx, h->offset, &type, sizeof(type)))
			return NOT_OURS;
		return type == (h->end.protocol == IPPROTO_ICMP ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST) ? OURS : NOT_OURS;
	default:
		return NOT_OURS;
	}
}

/* Finds out what of a packet's destination is ours, and reads its headers as far as that takes. NULL: nothing. */
static __always_inline const struct ownership *destination_ipv4(void *ctx, struct headers *h)
{
	return read_ipv4(ctx, h, offsetof(struct iphdr, daddr)) ? bpf_map_lookup_elem(&owned_addresses, &h->end.address) : NULL;
}

static __always_inline const struct ownership *destination_ipv6(void *ctx, struct headers *h)
{
	const struct ownership *owned;

	if (load(ctx, h->offset + offsetof(struct ipv6hdr, daddr), &h->end.address, sizeof(h->end.address)))
		return NULL;
	owned = bpf_map_lookup_elem(&owned_addresses, &h->end.address);
	return owned && walk_ipv6(ctx, h) ? owned : NULL;
}

#endif
