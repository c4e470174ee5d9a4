// SPDX-License-Identifier: GPL-2.0-only
#include "segment.h"

#include <linux/netfilter.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "compat.h"
#include "params.h"

/* By far the most frequent options: those of a connection with timestamps. */
static bool is_timestamps_only(const u8 *options, unsigned int length)
{
	static const u8 start[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP };

	return length == TCPOLEN_TSTAMP_ALIGNED && memcmp(options, start, sizeof(start)) == 0;
}

static void read_tuple(struct ttm_segment *segment, const struct tcphdr *tcp)
{
	struct ttm_tuple *tuple = &segment->tuple;

	memset(tuple, 0, sizeof(*tuple));
	tuple->namespace = ttm_namespace(segment->net)->id;
	tuple->remote_port = tcp->source;
	tuple->local_port = tcp->dest;
	if (segment->family == AF_INET6) {
		tuple->remote = ipv6_hdr(segment->skb)->saddr;
		tuple->local = ipv6_hdr(segment->skb)->daddr;
	} else {
		ipv6_addr_set_v4mapped(ip_hdr(segment->skb)->saddr, &tuple->remote);
		ipv6_addr_set_v4mapped(ip_hdr(segment->skb)->daddr, &tuple->local);
	}
}

bool ttm_segment_read(struct ttm_segment *segment)
{
	u8 options_buffer[MAX_TCP_OPTION_SPACE];
	struct tcphdr tcp_buffer;
	const struct tcphdr *tcp;
	unsigned int length;
	const u8 *options;

	/* A SYN says nothing about who completes the handshake: with Fast Open it is the segment that makes the socket. */
	tcp = skb_header_pointer(segment->skb, segment->offset, sizeof(tcp_buffer), &tcp_buffer);
	if (!tcp || tcp->doff <= sizeof(*tcp) / 4 || tcp->syn || tcp->rst || !tcp->ack)
		return false;
	length = tcp->doff * 4 - sizeof(*tcp);
	options = skb_header_pointer(segment->skb, segment->offset + sizeof(*tcp), length, options_buffer);
	if (!options || is_timestamps_only(options, length))
		return false;
	segment->search = ttm_search_options(options, length, &ttm_kinds);
	if (segment->search.verdict == TTM_NOTHING)
		return false;
	segment->seq = ntohl(tcp->seq);
	segment->end_seq = segment->seq + tcp->fin + segment->skb->len - segment->offset - tcp->doff * 4;
	segment->ack = ntohl(tcp->ack_seq);
	read_tuple(segment, tcp);
	return true;
}

struct sock *ttm_segment_socket(const struct ttm_segment *segment)
{
	const struct ttm_tuple *tuple = &segment->tuple;
	struct sk_buff *skb = segment->skb;

	if (segment->family == AF_INET)
		return __inet_lookup_established(segment->net, ttm_hashinfo(segment->net) ip_hdr(skb)->saddr, tuple->remote_port,
						 ip_hdr(skb)->daddr, ntohs(tuple->local_port), inet_iif(skb), inet_sdif(skb));
#if IS_ENABLED(CONFIG_IPV6)
	return __inet6_lookup_established(segment->net, ttm_hashinfo(segment->net) &tuple->remote, tuple->remote_port, &tuple->local,
					  ntohs(tuple->local_port), inet6_iif(skb), inet6_sdif(skb));
#else
	return NULL;
#endif
}

/* Nobody has looked at the checksum yet: the hook runs before TCP does. */
bool ttm_segment_checksum_is_right(const struct ttm_segment *segment)
{
	return nf_checksum(segment->skb, NF_INET_LOCAL_IN, segment->offset, IPPROTO_TCP, segment->family) == 0;
}
