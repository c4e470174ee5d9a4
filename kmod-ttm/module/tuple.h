/* SPDX-License-Identifier: GPL-2.0-only */
/* What tells one connection of this host from all others. An IPv4 address is written as ::ffff:a.b.c.d, as on a dual-stack socket. */
#ifndef TTM_TUPLE_H
#define TTM_TUPLE_H

#include <linux/string.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "namespace.h"

struct ttm_tuple {
	u64 namespace;
	struct in6_addr remote;
	struct in6_addr local;
	__be16 remote_port;
	__be16 local_port;
	u32 zero;		/* the tuple is hashed and compared as bytes */
};

static inline bool ttm_tuple_equal(const struct ttm_tuple *a, const struct ttm_tuple *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline void ttm_tuple_of_socket(struct ttm_tuple *tuple, const struct sock *sk)
{
	memset(tuple, 0, sizeof(*tuple));
	tuple->namespace = ttm_namespace(sock_net(sk))->id;
	tuple->remote_port = inet_sk(sk)->inet_dport;
	tuple->local_port = inet_sk(sk)->inet_sport;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		tuple->remote = sk->sk_v6_daddr;
		tuple->local = sk->sk_v6_rcv_saddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_daddr, &tuple->remote);
	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &tuple->local);
}

#endif
