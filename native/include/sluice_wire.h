/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The contract between a Sluice node and a real server: the TTM option on the wire, and the answer of getsockopt().
 *
 * The client's address as a TCP option, inserted directly after the 20-byte TCP header:
 *
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +---------------+---------------+-------------------------------+
 *      |  kind (254)   |  len (8, 20)  |     port (network order)      |
 *      +---------------+---------------+-------------------------------+
 *      |     address: 4 bytes (IPv4 client) or 16 bytes (IPv6 client)  |
 *      +---------------------------------------------------------------+
 */
#ifndef SLUICE_WIRE_H
#define SLUICE_WIRE_H

#include <linux/types.h>
#if defined(__KERNEL__) || defined(__bpf__)
#include <linux/in.h>
#include <linux/in6.h>
#else
#include <netinet/in.h>		/* the C library's twin: a program may include only one of the two */
#endif

#define TTM_OPTION_KIND		254	/* default; some products use 253 for IPv6 clients */
#define TTM_OPTION_KIND_OLD6	253
#define TTM_OPTION_LEN_IPV4	8
#define TTM_OPTION_LEN_IPV6	20

#define TTM_BASE_CTL		(64 + 1024 + 64 * 4)
#define TTM_SO_GET_PEER		(TTM_BASE_CTL + 1)	/* 1345, level IPPROTO_IP */

#define TTM_AF_INET		2
#define TTM_AF_INET6		10

/* What getsockopt(fd, IPPROTO_IP, TTM_SO_GET_PEER) fills in: 20 bytes. */
struct ttm_peer {
	__u16  af;		/* TTM_AF_INET or TTM_AF_INET6, host order */
	__be16 port;		/* network order */
	union {
		__u32  all[4];
		__be32 ip;
		__be32 ip6[4];
		struct in_addr in;
		struct in6_addr in6;
	};
};

_Static_assert(sizeof(struct ttm_peer) == 20, "struct ttm_peer is 20 bytes on every platform");
_Static_assert(TTM_SO_GET_PEER == 1345, "the option number that applications use");

#endif
