/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of sockets, as two tracepoints of the kernel tell it: a handshake completed, a socket gone. */
#ifndef TTM_SOCKETS_H
#define TTM_SOCKETS_H

#include <net/tcp.h>

#include "option.h"
#include "tuple.h"

int ttm_sockets_start(void);
void ttm_sockets_stop(void);

/*
 * Brings a pending claim and an entry in the client table together. Whoever adds one of the two calls this afterwards, so that
 * at least one of two processors that do so at the same time sees both. Returns the verdict of the claim that fitted.
 */
enum ttm_verdict ttm_settle(const struct sock *sk, const struct ttm_tuple *tuple);

/* The acknowledgement number that only somebody who has seen the server's SYN-ACK, or guessed well, knows. */
static inline u32 ttm_first_ack(const struct sock *sk)
{
	return tcp_sk(sk)->snd_una - (u32)tcp_sk(sk)->bytes_acked;
}

#endif
