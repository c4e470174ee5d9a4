// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include "sockets.h"

#include <linux/tracepoint.h>

#include "clients.h"
#include "pending.h"
#include "trusted.h"

enum ttm_verdict ttm_settle(const struct sock *sk, const struct ttm_tuple *tuple)
{
	struct ttm_namespace *namespace = ttm_namespace(sock_net(sk));
	struct ttm_claim claim;

	/* The other side stores its part and then looks for ours; so must we, in this order. */
	smp_mb();
	if (!ttm_pending_take(tuple, &claim))
		return TTM_NOTHING;
	if (claim.ack != ttm_first_ack(sk)) {
		ttm_count(namespace, TTM_COUNT_SPOOF_REJECTED);
		return TTM_NOTHING;
	}
	if (claim.verdict == TTM_BROKEN)
		ttm_count(namespace, TTM_COUNT_MALFORMED);
	else if (ttm_clients_learn(sk, tuple, &claim.peer))
		ttm_count(namespace, TTM_COUNT_STORED);
	return claim.verdict;
}

/* Before accept() can return the socket. Whether the sender is trusted is decided here, once for the connection. */
static void established(const struct sock *sk)
{
	struct ttm_namespace *namespace = ttm_namespace(sock_net(sk));
	struct ttm_tuple tuple;
	int error;

	ttm_tuple_of_socket(&tuple, sk);
	if (!ttm_trusted(&tuple.remote))
		return;
	error = ttm_clients_add(sk, &tuple);
	if (error) {
		ttm_count(namespace, error == -ENOSPC ? TTM_COUNT_CLIENTS_FULL : TTM_COUNT_NO_MEMORY);
		return;
	}
	if (ttm_settle(sk, &tuple) == TTM_NOTHING)
		ttm_count(namespace, TTM_COUNT_NO_OPTION);
}

static void on_state(void *unused, const struct sock *sk, const int old, const int new)
{
	if (sk->sk_protocol != IPPROTO_TCP)
		return;
	if (old == TCP_SYN_RECV && new == TCP_ESTABLISHED)
		established(sk);
	else if (new == TCP_SYN_SENT)
		/* An accepted socket may be disconnected and connected elsewhere: its old client is not its new peer. */
		ttm_clients_remove(sk);
}

static void on_destroy(void *unused, struct sock *sk)
{
	ttm_clients_remove(sk);
}

static struct watch {
	const char *name;
	void *handler;
	struct tracepoint *tracepoint;
	bool watching;
} watches[] = {
	{ .name = "tcp_destroy_sock", .handler = on_destroy },	/* first: what is added must be taken out */
	{ .name = "inet_sock_set_state", .handler = on_state },
};

static void match(struct tracepoint *tracepoint, void *wanted)
{
	struct watch *watch = wanted;

	if (strcmp(tracepoint->name, watch->name) == 0)
		watch->tracepoint = tracepoint;
}

static int start(struct watch *watch)
{
	int error;

	/* By name, because the kernel does not export it. */
	for_each_kernel_tracepoint(match, watch);
	error = watch->tracepoint ? tracepoint_probe_register(watch->tracepoint, watch->handler, NULL) : -ENOENT;
	if (error)
		pr_err("cannot watch the tracepoint %s: error %d. Use the eBPF carrier on this kernel.\n", watch->name, error);
	watch->watching = error == 0;
	return error;
}

int ttm_sockets_start(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(watches); i++) {
		int error = start(&watches[i]);

		if (error) {
			ttm_sockets_stop();
			return error;
		}
	}
	return 0;
}

void ttm_sockets_stop(void)
{
	size_t i;

	for (i = ARRAY_SIZE(watches); i-- > 0;)
		if (watches[i].watching)
			tracepoint_probe_unregister(watches[i].tracepoint, watches[i].handler, NULL);
	tracepoint_synchronize_unregister();
}
