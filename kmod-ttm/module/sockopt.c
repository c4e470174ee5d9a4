// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include "sockopt.h"

#include <linux/netfilter.h>
#include <linux/uaccess.h>

#include "clients.h"
#include "params.h"

static int get_peer(struct sock *sk, int number, void __user *user, int *length)
{
	struct ttm_namespace *namespace = ttm_namespace(sock_net(sk));
	struct ttm_peer peer;

	if (sk->sk_protocol != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (*length < (int)sizeof(peer)) {
		ttm_count(namespace, TTM_COUNT_SHORT_BUFFER);
		return -EINVAL;
	}
	if (!ttm_clients_peer(sk, &peer)) {
		ttm_count(namespace, TTM_COUNT_UNKNOWN);
		return -ENOENT;
	}
	if (copy_to_user(user, &peer, sizeof(peer)) != 0)
		return -EFAULT;
	*length = sizeof(peer);
	ttm_count(namespace, TTM_COUNT_ANSWERED);
	return 0;
}

static struct nf_sockopt_ops operations = { .pf = PF_INET, .get = get_peer, .owner = THIS_MODULE };

int ttm_sockopt_start(void)
{
	int error;

	operations.get_optmin = ttm_sockopt;
	operations.get_optmax = ttm_sockopt + 1;
	error = nf_register_sockopt(&operations);
	if (error)
		pr_err("getsockopt() number %u is taken by another module: choose another one with sockopt=\n", ttm_sockopt);
	return error;
}

void ttm_sockopt_stop(void)
{
	nf_unregister_sockopt(&operations);
}
