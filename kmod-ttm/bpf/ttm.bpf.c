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

#include "ttm.h"

#define ENOPROTOOPT		92
#define ENOENT			2
#define EINVAL			22
#define LEVEL_IPPROTO_IP	0
#define PROTOCOL_TCP		6

#define TCP_HEADER_LENGTH	20
#define TCP_OPTIONS_MAX		40
#define TCP_FLAGS_OFFSET	13
#define TCP_FLAG_SYN		0x02
#define TCP_FLAG_RST		0x04
#define TCP_OPTION_END		0
#define TCP_OPTION_NOP		1

/* Set by the loader: bpf_set_retval() exists (5.18). Where it does not, the verifier drops the call and callers see ENOPROTOOPT. */
const volatile _Bool errno_settable = 0;

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ttm_client);
} clients SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TTM_TRUST_MAX);
	__type(key, struct ttm_trust_key);
	__type(value, __u8);
} trusted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TTM_COUNTER_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);

	if (value)
		*value += 1;
}

static __always_inline _Bool is_mapped_ipv4(__u32 word0, __u32 word1, __u32 word2)
{
	return word0 == 0 && word1 == 0 && word2 == bpf_htonl(0xffff);
}

/* Whether the other end of this connection is a load balancer's local address. */
static __always_inline _Bool is_trusted(struct bpf_sock_ops *skops)
{
	struct ttm_trust_key key = {};
	__u32 *words = (__u32 *)key.address;

	if (skops->family == TTM_AF_INET) {
		key.family = TTM_AF_INET;
		words[0] = skops->remote_ip4;
	} else {
		words[0] = skops->remote_ip6[0];
		words[1] = skops->remote_ip6[1];
		words[2] = skops->remote_ip6[2];
		words[3] = skops->remote_ip6[3];
		key.family = TTM_AF_INET6;
		if (is_mapped_ipv4(words[0], words[1], words[2])) {
			key.family = TTM_AF_INET;
			words[0] = words[3];
		}
	}
	key.bits = TTM_FAMILY_BITS + (key.family == TTM_AF_INET ? 32 : 128);
	return bpf_map_lookup_elem(&trusted, &key) != 0;
}

enum search { NOTHING, FOUND, BROKEN };

/* 1 if equal, else 0, without a branch: see walk_options(). For bytes. */
static __always_inline __u32 equal(__u32 a, __u32 b)
{
	__u32 result = ((a ^ b) - 1) >> 31;

	asm volatile("" : "+r"(result));
	return result;
}

/*
 * Finds the TTM options of the segment: returns how many there are, with the first one at header + *place; *broken says that the
 * walk ended early at an option whose length cannot be. It computes where it could branch, because the verifier follows every
 * branch of up to 40 steps; and the masks change nothing, but give bounds, without which kernel 6.1 refuses the loop.
 */
static __always_inline __u32 walk_options(const __u8 *header, const __u8 *end, __u32 *place, _Bool *broken)
{
	__u32 offset = TCP_HEADER_LENGTH;
	__u32 first = 0;
	__u32 options = 0;

	for (int step = 0; step < TCP_OPTIONS_MAX; step++) {
		const __u8 *option = header + offset;
		__u32 nop, length, ttm;

		/* The last byte of a header can only be a NOP or the end of the options. */
		if (option + 2 > end || option[0] == TCP_OPTION_END)
			break;
		nop = equal(option[0], TCP_OPTION_NOP);
		length = nop + (1 - nop) * option[1];
		if (length + nop < 2 || option + length > end) {
			*broken = 1;
			break;
		}
		ttm = equal(option[0], TTM_OPTION_KIND) | equal(option[0], TTM_OPTION_KIND_OLD6);
		first += offset * (ttm & equal(options, 0));
		options += ttm;
		offset += length;
		asm volatile("%0 &= 63\n%1 &= 63\n%2 &= 63" : "+r"(offset), "+r"(first), "+r"(options));
	}
	*place = first;
	return options;
}

/*
 * Copies the client that the segment's first TTM option names. skb_data is the TCP header, skb_data_end its end with options.
 * bpf_load_hdr_opt() cannot do this: for the kinds 253 and 254 it insists on a magic number, which the option has not.
 */
static __always_inline enum search find_option(struct bpf_sock_ops *skops, struct ttm_peer *peer)
{
	const __u8 *header = (const __u8 *)(long)skops->skb_data;
	const __u8 *end = (const __u8 *)(long)skops->skb_data_end;
	const __u8 *option;
	_Bool broken = 0;
	__u32 options, place;

	/* A SYN says nothing about who completes the handshake: with Fast Open it is the segment that makes the socket. */
	if (header + TCP_HEADER_LENGTH > end || header[TCP_FLAGS_OFFSET] & (TCP_FLAG_SYN | TCP_FLAG_RST))
		return NOTHING;
	options = walk_options(header, end, &place, &broken);
	if (options == 0)
		return broken ? BROKEN : NOTHING;
	if (options > 1)
		count(TTM_COUNT_DUPLICATE);

	option = header + place;
	if (option + TTM_OPTION_LEN_IPV4 > end)
		return BROKEN;
	__builtin_memcpy(&peer->port, option + 2, 2);
	if (option[1] == TTM_OPTION_LEN_IPV4 && option[0] == TTM_OPTION_KIND) {
		__builtin_memcpy(&peer->ip, option + 4, 4);
		peer->af = TTM_AF_INET;
		return FOUND;
	}
	if (option[1] != TTM_OPTION_LEN_IPV6 || option + TTM_OPTION_LEN_IPV6 > end)
		return BROKEN;
	__builtin_memcpy(&peer->ip6, option + 4, 16);
	peer->af = TTM_AF_INET6;
	return FOUND;
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

/* The segment that completes the handshake, before accept() can return the socket. */
static __always_inline void established(struct bpf_sock_ops *skops, struct bpf_sock *sk, enum search search,
					const struct ttm_peer *peer)
{
	struct ttm_client *client;

	if (!is_trusted(skops)) {
		if (search == FOUND)
			count(TTM_COUNT_UNTRUSTED);
		return;
	}
	client = bpf_sk_storage_get(&clients, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!client) {
		count(TTM_COUNT_NO_MEMORY);
		return;
	}
	if (search == FOUND) {
		keep(client, peer);
		return;
	}
	count(search == BROKEN ? TTM_COUNT_MALFORMED : TTM_COUNT_NO_OPTION);
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
	struct ttm_peer peer = {};
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
	search = find_option(skops, &peer);
	if (client)
		arrived_later(skops, client, search, &peer);
	else
		established(skops, sk, search, &peer);
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
	if (sk->protocol != PROTOCOL_TCP)
		return 1;
	if ((void *)(answer + 1) > ctx->optval_end) {
		count(TTM_COUNT_SHORT_BUFFER);
		fail(EINVAL);
		return 1;
	}
	client = bpf_sk_storage_get(&clients, sk, 0, 0);
	if (!client || !client->peer.af) {
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
	client = bpf_sk_storage_get(&clients, ctx->sk, 0, 0);
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
	client = bpf_sk_storage_get(&clients, ctx->sk, 0, 0);
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
