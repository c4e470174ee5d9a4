/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the eBPF programs and their loader agree on: the three maps. The wire and the getsockopt() answer are in sluice_wire.h. */
#ifndef TTM_H
#define TTM_H

#include "sluice_wire.h"

/* Map "clients": one per accepted socket, gone with it. peer.af is 0 while the client is not known yet. */
struct ttm_client {
	struct ttm_peer peer;
	__u32 asked;		/* 1 when the header callbacks of this socket were switched on by us */
};

/*
 * Map "trusted": the local addresses whose options are believed, longest prefix first.
 * The family is part of the key, so that ::/0 does not also mean every IPv4 address.
 */
struct ttm_trust_key {
	__u32 bits;		/* TTM_FAMILY_BITS + prefix length */
	__u32 family;		/* TTM_AF_INET or TTM_AF_INET6 */
	__u8  address[16];	/* network order; an IPv4 address is in the first four bytes */
};

#define TTM_FAMILY_BITS	32
#define TTM_TRUST_MAX	4096

/* Map "strangers": who sent options without being trusted, and how many connections; the latest ones. Keys are whole addresses. */
#define TTM_STRANGERS_MAX	64

/* Map "kinds": which option kinds name a client. It has one entry, with flags for each kind. */
#define TTM_KIND_WANTED	1	/* with an IPv6 client, length 20 */
#define TTM_KIND_IPV4	2	/* and also with an IPv4 client, length 8 */

struct ttm_kinds {
	__u8 flags[256];
};

/*
 * Map "multipath": clients on their way from a subflow, which has the option, to the MPTCP socket, which the application has. What
 * the two have in common are the ends of the first subflow, as packets have them.
 */
struct ttm_ends {
	__u32 local[4];
	__u32 remote[4];	/* network order; an IPv4 address is in the first word */
	__u16 local_port;	/* host order */
	__u16 remote_port;	/* network order */
	__u32 family;
};

#define TTM_MULTIPATH_MAX	4096

/* Map "counters": X(enum, name, what it counts). Append only: the position is the index in a map that survives upgrades. */
#define TTM_COUNTERS(X) \
	X(STORED, "stored", "connections whose client was learned from an option") \
	X(STORED_LATE, "stored late", "of these, learned after the handshake, from a data segment") \
	X(NO_OPTION, "no option", "handshakes completed by a trusted address without an option that can be used") \
	X(UNTRUSTED, "untrusted", "options ignored because their sender is not in the trusted list") \
	X(MALFORMED, "malformed", "segments from a trusted address whose options are broken, or a TTM option of a wrong length") \
	X(DUPLICATE, "duplicate", "segments with a second TTM option, which is ignored: the first one counts") \
	X(NO_MEMORY, "no memory", "clients lost because the kernel had no memory for them") \
	X(ANSWERED, "answered", "getsockopt() calls answered with a client") \
	X(UNKNOWN, "unknown", "getsockopt() calls on connections that have no client: ENOENT") \
	X(SHORT_BUFFER, "short buffer", "getsockopt() calls with room for less than 20 bytes: EINVAL")

enum ttm_counter {
#define TTM_COUNTER_ENUM(id, name, meaning) TTM_COUNT_##id,
	TTM_COUNTERS(TTM_COUNTER_ENUM)
#undef TTM_COUNTER_ENUM
	TTM_COUNTER_TOTAL
};

/* Room for counters of later versions, so that an upgrade can keep the map. */
#define TTM_COUNTER_SLOTS	64
_Static_assert(TTM_COUNTER_TOTAL <= TTM_COUNTER_SLOTS, "more counters than the map has slots");

#endif
