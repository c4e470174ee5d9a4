/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client of every connection that a trusted address has opened: an entry from the end of its handshake to the end of its socket.
 * An entry without a client yet is waiting for an option on data. All functions run in any context, the readers also in probe handlers.
 */
#ifndef TTM_CLIENTS_H
#define TTM_CLIENTS_H

#include <linux/net.h>

#include "option.h"
#include "tuple.h"

int ttm_clients_create(void);
void ttm_clients_free(void);

/* Begins to wait for the client of this socket. -ENOSPC: max_clients are there. -ENOMEM: the kernel has no memory. */
int ttm_clients_add(const struct sock *sk, const struct ttm_tuple *tuple);

/* Whether the socket still waits for its client. */
bool ttm_clients_is_waiting(const struct sock *sk, const struct ttm_tuple *tuple);

/* Keeps the client, if the socket waits for one: the first one stays. */
bool ttm_clients_learn(const struct sock *sk, const struct ttm_tuple *tuple, const struct ttm_peer *peer);

/* The client of this socket, if it has one and still is the connection that was accepted. */
bool ttm_clients_peer(const struct sock *sk, struct ttm_peer *peer);

void ttm_clients_remove(const struct sock *sk);
void ttm_clients_purge(u64 namespace);
int ttm_clients_now(void);

#endif
