/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the client out of the options of a TCP segment. */
#ifndef OPTIONS_BPF_H
#define OPTIONS_BPF_H

#include "maps.bpf.h"

#define TCP_HEADER_LENGTH	20
#define TCP_OPTIONS_MAX		40
#define TCP_FLAGS_OFFSET	13
#define TCP_FLAG_SYN		0x02
#define TCP_FLAG_RST		0x04
#define TCP_OPTION_END		0
#define TCP_OPTION_NOP		1
#define TCP_OPTION_MPTCP	30

enum search { NOTHING, FOUND, BROKEN };

/* What the options of a segment say. */
struct options {
	struct ttm_peer peer;
	_Bool multipath;	/* the segment belongs to a subflow of an MPTCP connection */
};

/* 1 if equal, else 0, without a branch: see walk_options(). For bytes. */
static __always_inline __u32 equal(__u32 a, __u32 b)
{
	__u32 result = ((a ^ b) - 1) >> 31;

	asm volatile("" : "+r"(result));
	return result;
}

/* What walk_options() found. */
struct walk {
	__u32 places;		/* how many TTM options there are */
	__u32 first;		/* header + first is the first of them */
	__u32 multipath;
	_Bool broken;		/* ended early, at an option whose length cannot be */
};

/*
 * Finds the TTM options of the segment. It computes where it could branch, because the verifier follows every branch of up to
 * 40 steps; and the masks change nothing, but give bounds, without which kernel 6.1 refuses the loop.
 */
static __always_inline void walk_options(const __u8 *header, const __u8 *end, const struct ttm_kinds *wanted, struct walk *walk)
{
	__u32 offset = TCP_HEADER_LENGTH;
	__u32 first = 0, options = 0, multipath = 0;

	for (int step = 0; step < TCP_OPTIONS_MAX; step++) {
		const __u8 *option = header + offset;
		__u32 nop, length, ttm;

		/* The last byte of a header can only be a NOP or the end of the options. */
		if (option + 2 > end || option[0] == TCP_OPTION_END)
			break;
		nop = equal(option[0], TCP_OPTION_NOP);
		length = nop + (1 - nop) * option[1];
		if (length + nop < 2 || option + length > end) {
			walk->broken = 1;
			break;
		}
		ttm = wanted->flags[option[0]] & TTM_KIND_WANTED;
		multipath |= equal(option[0], TCP_OPTION_MPTCP);
		first += offset * (ttm & equal(options, 0));
		options += ttm;
		offset += length;
		asm volatile("%0 &= 63\n%1 &= 63\n%2 &= 63" : "+r"(offset), "+r"(first), "+r"(options));
	}
	walk->first = first;
	walk->places = options;
	walk->multipath = multipath;
}

/*
 * Copies the client that the segment's first TTM option names. skb_data is the TCP header, skb_data_end its end with options.
 * bpf_load_hdr_opt() cannot do this: for the kinds 253 and 254 it insists on a magic number, which the option has not.
 */
static __always_inline enum search read_options(struct bpf_sock_ops *skops, struct options *options)
{
	const __u8 *header = (const __u8 *)(long)skops->skb_data;
	const __u8 *end = (const __u8 *)(long)skops->skb_data_end;
	const struct ttm_kinds *wanted;
	const __u32 only = 0;
	struct walk walk = {};
	const __u8 *option;

	wanted = bpf_map_lookup_elem(&kinds, &only);
	/* A SYN says nothing about who completes the handshake: with Fast Open it is the segment that makes the socket. */
	if (!wanted || header + TCP_HEADER_LENGTH > end || header[TCP_FLAGS_OFFSET] & (TCP_FLAG_SYN | TCP_FLAG_RST))
		return NOTHING;
	walk_options(header, end, wanted, &walk);
	options->multipath = walk.multipath;
	if (walk.places == 0)
		return walk.broken ? BROKEN : NOTHING;
	if (walk.places > 1)
		count(TTM_COUNT_DUPLICATE);

	option = header + walk.first;
	if (option + TTM_OPTION_LEN_IPV4 > end)
		return BROKEN;
	__builtin_memcpy(&options->peer.port, option + 2, 2);
	if (option[1] == TTM_OPTION_LEN_IPV4 && wanted->flags[option[0]] & TTM_KIND_IPV4) {
		__builtin_memcpy(&options->peer.ip, option + 4, 4);
		options->peer.af = TTM_AF_INET;
		return FOUND;
	}
	if (option[1] != TTM_OPTION_LEN_IPV6 || option + TTM_OPTION_LEN_IPV6 > end)
		return BROKEN;
	__builtin_memcpy(&options->peer.ip6, option + 4, 16);
	options->peer.af = TTM_AF_INET6;
	return FOUND;
}

#endif
