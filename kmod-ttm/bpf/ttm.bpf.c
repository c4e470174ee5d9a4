// SPDX-License-Identifier: GPL-2.0-only
/*
 * TTM on a real server, without a kernel module: the client that a TCP option names becomes the peer that applications see.
 *
 *   third ACK or first data ----> ttm_sockops      reads the option, keeps the client beside the socket
 *   getsockopt(fd, 0, 1345) ----> ttm_getsockopt   answers with it
 *   accept(), getpeername() ----> ttm_getpeername4, ttm_getpeername6
 *
 * One object for every kernel from 5.10 on: no CO-RE, no kernel types, no helper newer than 5.10 except where errno_settable guards it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "maps.bpf.h"
#include "options.bpf.h"
#include "ttm.h"

#define ENOPROTOOPT		92
#define ENOENT			2
#define EINVAL			22
#define LEVEL_IPPROTO_IP	0
#define PROTOCOL_TCP		6
#define PROTOCOL_MPTCP		262

/* Set by the loader: bpf_set_retval() exists (5.18). Where it does not, the verifier drops the call and callers see ENOPROTOOPT. */
const volatile _Bool errno_settable = 0;

static __always_inline _Bool is_mapped_ipv4(__u32 word0, __u32 word1, __u32 word2)
{
	return word0 == 0 && word1 == 0 && word2 == bpf_htonl(0xffff);
}

/* The other end of this connection, as the trusted list has it. */
static __always_inline void sender_of(struct bpf_sock_ops *skops, struct ttm_trust_key *key)
{
	__u32 *words = (__u32 *)key->address;

	if (skops->family == TTM_AF_INET) {
		key->family = TTM_AF_INET;
		words[0] = skops->remote_ip4;
	} else {
		words[0] = skops->remote_ip6[0];
		words[1] = skops->remote_ip6[1];
		words[2] = skops->remote_ip6[2];
		words[3] = skops->remote_ip6[3];
		key->family = TTM_AF_INET6;
		if (is_mapped_ipv4(words[0], words[1], words[2])) {
			key->family = TTM_AF_INET;
			words[0] = words[3];
			words[2] = words[3] = 0;
		}
	}
	key->bits = TTM_FAMILY_BITS + (key->family == TTM_AF_INET ? 32 : 128);
}

static __always_inline void note_stranger(const struct ttm_trust_key *sender)
{
	__u64 *connections = bpf_map_lookup_elem(&strangers, sender);
	const __u64 one = 1;

	count(TTM_COUNT_UNTRUSTED);
	if (connections)
		__sync_fetch_and_add(connections, 1);
	else
		bpf_map_update_elem(&strangers, sender, &one, BPF_ANY);
}

static __always_inline void ends_of(struct bpf_sock *sk, struct ttm_ends *ends)
{
	ends->family = sk->family;
	ends->local_port = sk->src_port;
	ends->remote_port = sk->dst_port;
	if (sk->family == TTM_AF_INET) {
		ends->local[0] = sk->src_ip4;
		ends->remote[0] = sk->dst_ip4;
		return;
	}
	ends->local[0] = sk->src_ip6[0];
	ends->local[1] = sk->src_ip6[1];
	ends->local[2] = sk->src_ip6[2];
	ends->local[3] = sk->src_ip6[3];
	ends->remote[0] = sk->dst_ip6[0];
	ends->remote[1] = sk->dst_ip6[1];
	ends->remote[2] = sk->dst_ip6[2];
	ends->remote[3] = sk->dst_ip6[3];
}

/* The family goes last: a reader that does not hold the socket's lock sees all of the peer or none. */
static __always_inline void keep(struct ttm_client *client, const struct ttm_peer *peer)
{
	client->peer.port = peer->port;
	client->peer.ip6[0] = peer->ip6[0];
	client->peer.ip6[1] = peer->ip6[1];
	client->peer.ip6[2] = peer->ip6[2];
	client->peer.ip6[3] = peer->ip6[3];
	asm volatile("" ::: "memory");
	*(volatile __u16 *)&client->peer.af = peer->af;
	count(TTM_COUNT_STORED);
}

/* One field per socket serves every program on it: only our own bit is touched, and taken back only if we set it. */
static __always_inline void ask_for_headers(struct bpf_sock_ops *skops, struct ttm_client *client)
{
	__u32 flags = skops->bpf_sock_ops_cb_flags;

	if (flags & BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG)
		return;
	/* Not PARSE_UNKNOWN: a client port of 63881 reads as the Fast Open magic, and the kernel takes such an option for known. */
	if (bpf_sock_ops_cb_flags_set(skops, flags | BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG) == 0)
		client->asked = 1;
}

static __always_inline void stop_asking(struct bpf_sock_ops *skops, struct ttm_client *client)
{
	if (!client->asked)
		return;
	client->asked = 0;
	bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags & ~BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG);
}

/* Leaves the client of a subflow where client_of() finds it, and nothing of an earlier connection with the same ends. */
static __always_inline void hand_over(struct bpf_sock *sk, enum search search, const struct ttm_peer *peer)
{
	struct ttm_ends ends = {};

	ends_of(sk, &ends);
	if (search == FOUND)
		bpf_map_update_elem(&multipath, &ends, peer, BPF_ANY);
	else
		bpf_map_delete_elem(&multipath, &ends);
}

/* The segment that completes the handshake, before accept() can return the socket. */
static __always_inline void established(struct bpf_sock_ops *skops, struct bpf_sock *sk, enum search search,
					const struct options *options)
{
	struct ttm_trust_key sender = {};
	struct ttm_client *client;
	_Bool believed;

	sender_of(skops, &sender);
	believed = bpf_map_lookup_elem(&trusted, &sender) != 0;
	if (options->multipath)
		hand_over(sk, believed ? search : NOTHING, &options->peer);
	if (!believed) {
		if (search == FOUND)
			note_stranger(&sender);
		return;
	}
	client = bpf_sk_storage_get(&clients, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!client) {
		count(TTM_COUNT_NO_MEMORY);
		return;
	}
	if (search == FOUND) {
		keep(client, &options->peer);
		return;
	}
	count(TTM_COUNT_NO_OPTION);
	if (search == BROKEN)
		count(TTM_COUNT_MALFORMED);
	ask_for_headers(skops, client);
}

/* A segment after the handshake, on a socket that still waits for its client. */
static __always_inline void arrived_later(struct bpf_sock_ops *skops, struct ttm_client *client, enum search search,
					  const struct ttm_peer *peer)
{
	if (search == BROKEN)
		count(TTM_COUNT_MALFORMED);
	if (search != FOUND)
		return;
	stop_asking(skops, client);
	keep(client, peer);
	count(TTM_COUNT_STORED_LATE);
}

static __always_inline void segment(struct bpf_sock_ops *skops, struct bpf_sock *sk)
{
	struct ttm_client *client = bpf_sk_storage_get(&clients, sk, 0, 0);
	struct options options = {};
	enum search search;

	if (client && client->peer.af)
		return;
	if (skops->op == BPF_SOCK_OPS_PARSE_HDR_OPT_CB) {
		if (!client)
			return;
		/*
		 * The load balancer repeats the option until its client has acknowledged data of the server. After that no
		 * option is honest, and the callbacks would be for nothing.
		 */
		if (skops->bytes_acked > 0) {
			stop_asking(skops, client);
			bpf_sk_storage_delete(&clients, sk);
			return;
		}
	}
	/* Once for both callers: the verifier walks every path of it. */
	search = read_options(skops, &options);
	if (client)
		arrived_later(skops, client, search, &options.peer);
	else
		established(skops, sk, search, &options);
}

SEC("sockops")
int ttm_sockops(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;

	if (!sk)
		return 1;
	switch (skops->op) {
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PARSE_HDR_OPT_CB:
		segment(skops, sk);
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		/* An accepted socket may be disconnected and connected elsewhere: its old client is not its new peer. */
		bpf_sk_storage_delete(&clients, sk);
		break;
	}
	return 1;
}

/* The client of an application's socket; 0 if it is not known. */
static __always_inline struct ttm_client *client_of(struct bpf_sock *sk)
{
	struct ttm_client *client = bpf_sk_storage_get(&clients, sk, 0, 0);
	struct ttm_ends ends = {};
	struct ttm_peer *peer;

	if (client)
		return client->peer.af ? client : 0;
	if (sk->protocol != PROTOCOL_MPTCP)
		return 0;
	ends_of(sk, &ends);
	peer = bpf_map_lookup_elem(&multipath, &ends);
	if (!peer)
		return 0;
	client = bpf_sk_storage_get(&clients, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (client)
		client->peer = *peer;
	bpf_map_delete_elem(&multipath, &ends);
	return client;
}

static __always_inline void fail(int error)
{
	if (errno_settable)
		bpf_set_retval(-error);
}

SEC("cgroup/getsockopt")
int ttm_getsockopt(struct bpf_sockopt *ctx)
{
	struct ttm_peer *answer = ctx->optval;
	struct bpf_sock *sk = ctx->sk;
	struct ttm_client *client;

	/*
	 * 0 is "nothing to copy back". The kernel copies at most a page for us, and 5.10 turns any longer call, also one that is
	 * not ours, into EFAULT, and copies zeros to the caller of one that failed.
	 */
	if (ctx->optlen > 4096 || (!errno_settable && ctx->retval != 0))
		*(volatile __s32 *)&ctx->optlen = 0;
	/* retval 0: somebody has answered already, such as the kernel module or the same program on a parent cgroup. */
	if (ctx->level != LEVEL_IPPROTO_IP || ctx->optname != TTM_SO_GET_PEER || ctx->retval == 0 || !sk)
		return 1;
	if (sk->protocol != PROTOCOL_TCP && sk->protocol != PROTOCOL_MPTCP)
		return 1;
	if ((void *)(answer + 1) > ctx->optval_end) {
		count(TTM_COUNT_SHORT_BUFFER);
		fail(EINVAL);
		return 1;
	}
	client = client_of(sk);
	if (!client) {
		count(TTM_COUNT_UNKNOWN);
		fail(ENOENT);
		return 1;
	}
	*answer = client->peer;
	/* Volatile, or clang joins the two stores into one of eight bytes, which the verifier refuses. */
	*(volatile __s32 *)&ctx->optlen = sizeof(*answer);
	*(volatile __s32 *)&ctx->retval = 0;
	count(TTM_COUNT_ANSWERED);
	return 1;
}

SEC("cgroup/getpeername4")
int ttm_getpeername4(struct bpf_sock_addr *ctx)
{
	struct ttm_client *client;

	if (!ctx->sk)
		return 1;
	client = client_of(ctx->sk);
	if (client && client->peer.af == TTM_AF_INET) {
		ctx->user_ip4 = client->peer.ip;
		ctx->user_port = client->peer.port;
	}
	return 1;
}

/* An IPv6 client is shown only where the connection itself is IPv6; one that came over IPv4 keeps the address it came from. */
SEC("cgroup/getpeername6")
int ttm_getpeername6(struct bpf_sock_addr *ctx)
{
	_Bool over_ipv4 = is_mapped_ipv4(ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2]);
	struct ttm_client *client;

	if (!ctx->sk)
		return 1;
	client = client_of(ctx->sk);
	if (!client)
		return 1;
	if (over_ipv4 && client->peer.af == TTM_AF_INET) {
		ctx->user_ip6[3] = client->peer.ip;
		ctx->user_port = client->peer.port;
	} else if (!over_ipv4 && client->peer.af == TTM_AF_INET6) {
		ctx->user_ip6[0] = client->peer.ip6[0];
		ctx->user_ip6[1] = client->peer.ip6[1];
		ctx->user_ip6[2] = client->peer.ip6[2];
		ctx->user_ip6[3] = client->peer.ip6[3];
		ctx->user_port = client->peer.port;
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
