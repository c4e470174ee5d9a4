/* SPDX-License-Identifier: GPL-2.0-only */
/* One arrived TCP segment that has something to say about a client. */
#ifndef TTM_SEGMENT_H
#define TTM_SEGMENT_H

#include <linux/skbuff.h>

#include "option.h"
#include "tuple.h"

struct ttm_segment {
	struct sk_buff *skb;
	struct net *net;
	int family;
	unsigned int offset;	/* of the TCP header */
	u32 seq, end_seq, ack;
	struct ttm_tuple tuple;
	struct ttm_search search;
};

/* False, after as little work as possible, for every segment without a TTM option, a broken option, or the right flags. */
bool ttm_segment_read(struct ttm_segment *segment);

/* The half-open or open connection that the segment belongs to, with a reference for sock_gen_put(), or NULL. */
struct sock *ttm_segment_socket(const struct ttm_segment *segment);

bool ttm_segment_checksum_is_right(const struct ttm_segment *segment);

#endif
