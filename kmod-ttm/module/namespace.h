/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps per network namespace: an identity that is never used again, and the counters of /proc/net/sluice_ttm. */
#ifndef TTM_NAMESPACE_H
#define TTM_NAMESPACE_H

#include <linux/percpu.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

/* X(ENUM, name, what it counts). The first ten are those of the eBPF carrier, with the same meaning. */
#define TTM_COUNTERS(X) \
	X(STORED, "stored", "connections whose client was learned from an option") \
	X(STORED_LATE, "stored_late", "of these, learned after the handshake, from a data segment") \
	X(NO_OPTION, "no_option", "handshakes completed by a trusted address without an option") \
	X(UNTRUSTED, "untrusted", "options ignored because their sender is not in the trusted list") \
	X(MALFORMED, "malformed", "segments from a trusted address whose options are broken, or a TTM option of a wrong length") \
	X(DUPLICATE, "duplicate", "segments with a second TTM option, which is ignored: the first one counts") \
	X(NO_MEMORY, "no_memory", "clients lost because the kernel had no memory for them") \
	X(ANSWERED, "answered", "getsockopt() calls answered with a client") \
	X(UNKNOWN, "unknown", "getsockopt() calls on connections that have no client: ENOENT") \
	X(SHORT_BUFFER, "short_buffer", "getsockopt() calls with room for less than 20 bytes: EINVAL") \
	X(SHOWN, "shown", "accept() and getpeername() calls answered with a client") \
	X(SPOOF_REJECTED, "spoof_rejected", "options on segments whose numbers do not fit the connection") \
	X(BAD_CHECKSUM, "bad_checksum", "options on segments with a wrong TCP checksum") \
	X(PENDING_FULL, "pending_full", "options lost because max_pending handshakes wait for their completion") \
	X(PENDING_EXPIRED, "pending_expired", "options whose handshake was not completed within pending_seconds") \
	X(CLIENTS_FULL, "clients_full", "connections left out because max_clients are known") \
	X(ATTACHED, "attached", "connections from trusted addresses taken into the client table") \
	X(DESTROYED, "destroyed", "of these, taken out again")

enum ttm_counter {
#define TTM_COUNTER_ENUM(id, name, meaning) TTM_COUNT_##id,
	TTM_COUNTERS(TTM_COUNTER_ENUM)
#undef TTM_COUNTER_ENUM
	TTM_COUNTER_TOTAL
};

struct ttm_counts {
	u64 value[TTM_COUNTER_TOTAL];
};

struct ttm_namespace {
	u64 id;
	struct ttm_counts __percpu *counts;
};

extern unsigned int ttm_net_id;

static inline struct ttm_namespace *ttm_namespace(const struct net *net)
{
	return net_generic(net, ttm_net_id);
}

/* In any context, also in probe handlers. */
static inline void ttm_count(struct ttm_namespace *namespace, enum ttm_counter counter)
{
	this_cpu_inc(namespace->counts->value[counter]);
}

/* From here on segments are looked at, in every namespace that is there or will be. */
int ttm_namespaces_start(void);
void ttm_namespaces_stop(void);

#endif
