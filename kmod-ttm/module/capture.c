// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>

#include "clients.h"
#include "pending.h"
#include "segment.h"
#include "sockets.h"
#include "trusted.h"

static void count(const struct ttm_segment *segment, enum ttm_counter counter)
{
	ttm_count(ttm_namespace(segment->net), counter);
}

/* The tests that cost something, for segments that would be believed otherwise. */
static bool is_sound(const struct ttm_segment *segment)
{
	if (!ttm_segment_checksum_is_right(segment)) {
		count(segment, TTM_COUNT_BAD_CHECKSUM);
		return false;
	}
	if (segment->search.options > 1)
		count(segment, TTM_COUNT_DUPLICATE);
	return true;
}

/* The handshake may have been completed on another processor while this one put the claim down. */
static void settle_if_open(const struct ttm_segment *segment)
{
	struct sock *sk;

	smp_mb();
	sk = ttm_segment_socket(segment);
	if (!sk)
		return;
	if (sk_fullsock(sk) && ttm_clients_is_waiting(sk, &segment->tuple) && ttm_settle(sk, &segment->tuple) == TTM_FOUND)
		count(segment, TTM_COUNT_STORED_LATE);
	sock_gen_put(sk);
}

/* A segment that may complete a handshake. Half is the half-open connection, or NULL: with SYN cookies the kernel keeps none. */
static void handshake(const struct ttm_segment *segment, const struct sock *half)
{
	struct ttm_claim claim = { .verdict = segment->search.verdict, .ack = segment->ack, .peer = segment->search.peer };

	if (!ttm_trusted(&segment->tuple.remote)) {
		if (segment->search.verdict == TTM_FOUND)
			count(segment, TTM_COUNT_UNTRUSTED);
		return;
	}
	if (half && segment->ack != (half->sk_state == TCP_NEW_SYN_RECV ? tcp_rsk(inet_reqsk(half))->snt_isn + 1 : ttm_first_ack(half))) {
		count(segment, TTM_COUNT_SPOOF_REJECTED);
		return;
	}
	if (!is_sound(segment))
		return;
	ttm_pending_put(segment->net, &segment->tuple, &claim, !half);
	settle_if_open(segment);
}

/* As TCP itself will judge, and no older acknowledgement than the handshake's. */
static bool is_in_window(const struct ttm_segment *segment, const struct tcp_sock *tcp)
{
	return !before(segment->end_seq, tcp->rcv_wup) && !after(segment->seq, tcp->rcv_nxt + tcp_receive_window(tcp)) &&
	       !before(segment->ack, tcp->snd_una) && !after(segment->ack, tcp->snd_nxt);
}

/* A segment after the handshake. */
static void arrived_later(const struct ttm_segment *segment, const struct sock *sk)
{
	if (!ttm_clients_is_waiting(sk, &segment->tuple))
		return;
	/* The load balancer repeats the option until its client has acknowledged data of the server. After that no option is honest. */
	if (tcp_sk(sk)->bytes_acked > 0) {
		ttm_clients_remove(sk);
		return;
	}
	if (!is_in_window(segment, tcp_sk(sk))) {
		count(segment, TTM_COUNT_SPOOF_REJECTED);
		return;
	}
	if (!is_sound(segment))
		return;
	if (segment->search.verdict == TTM_BROKEN) {
		count(segment, TTM_COUNT_MALFORMED);
	} else if (ttm_clients_learn(sk, &segment->tuple, &segment->search.peer)) {
		count(segment, TTM_COUNT_STORED);
		count(segment, TTM_COUNT_STORED_LATE);
	}
}

static void inspect(struct sk_buff *skb, struct net *net, int family, unsigned int offset)
{
	struct ttm_segment segment = { .skb = skb, .net = net, .family = family, .offset = offset };
	struct sock *sk;

	if (!ttm_segment_read(&segment))
		return;
	sk = ttm_segment_socket(&segment);
	if (!sk) {
		if (READ_ONCE(net->ipv4.sysctl_tcp_syncookies))
			handshake(&segment, NULL);
		return;
	}
	if (sk->sk_state == TCP_NEW_SYN_RECV || sk->sk_state == TCP_SYN_RECV)
		handshake(&segment, sk);
	else if (sk_fullsock(sk))
		arrived_later(&segment, sk);
	sock_gen_put(sk);
}

static unsigned int capture4(void *unused, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct iphdr *ip = ip_hdr(skb);

	if (ip->protocol == IPPROTO_TCP && !ip_is_fragment(ip))
		inspect(skb, state->net, AF_INET, skb_network_offset(skb) + ip_hdrlen(skb));
	return NF_ACCEPT;
}

#if IS_ENABLED(CONFIG_IPV6)
static unsigned int capture6(void *unused, struct sk_buff *skb, const struct nf_hook_state *state)
{
	int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	u8 protocol = ipv6_hdr(skb)->nexthdr;
	__be16 fragment = 0;

	if (protocol != IPPROTO_TCP)
		offset = ipv6_skip_exthdr(skb, offset, &protocol, &fragment);
	if (offset > 0 && protocol == IPPROTO_TCP && fragment == 0)
		inspect(skb, state->net, AF_INET6, offset);
	return NF_ACCEPT;
}
#endif

/* Behind the packet filter: what it drops or changes is not believed. */
static const struct nf_hook_ops hooks[] = {
	{ .hook = capture4, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN, .priority = NF_IP_PRI_LAST - 1 },
#if IS_ENABLED(CONFIG_IPV6)
	{ .hook = capture6, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_IN, .priority = NF_IP6_PRI_LAST - 1 },
#endif
};

int ttm_capture_start(struct net *net)
{
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

void ttm_capture_stop(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}
