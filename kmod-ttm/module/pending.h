/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of handshakes that are not completed yet: there is no socket to keep them beside. */
#ifndef TTM_PENDING_H
#define TTM_PENDING_H

#include "option.h"
#include "tuple.h"

/* What a segment of a handshake says about its client. */
struct ttm_claim {
	enum ttm_verdict verdict;
	u32 ack;		/* believed only if it is what the server's first sequence number asks for */
	struct ttm_peer peer;
};

int ttm_pending_create(void);
void ttm_pending_free(void);

/*
 * The last claim of a connection counts: it is the one of the segment that completes the handshake. A stray has no half-open connection
 * that vouches for it, as with SYN cookies; strays get a part of the room only.
 */
void ttm_pending_put(struct net *net, const struct ttm_tuple *tuple, const struct ttm_claim *claim, bool is_stray);

/* Takes the claim out, if there is one. */
bool ttm_pending_take(const struct ttm_tuple *tuple, struct ttm_claim *claim);

void ttm_pending_purge(u64 namespace);
int ttm_pending_now(void);

#endif
