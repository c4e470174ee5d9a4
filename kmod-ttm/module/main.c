// SPDX-License-Identifier: GPL-2.0-only
/*
 * The client's address on a real server: the client that a TCP option names becomes the peer that applications see.
 *
 *   segment with an option --> capture --> pending        until the handshake is completed
 *   handshake completed -----> sockets --> clients        from then on, beside the socket
 *   accept, getpeername -----> getname --> clients
 *   getsockopt --------------> sockopt --> clients
 */
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include <linux/module.h>

#include "clients.h"
#include "getname.h"
#include "namespace.h"
#include "params.h"
#include "pending.h"
#include "sockets.h"
#include "sockopt.h"
#include "trusted.h"

#define TTM_VERSION "0.1.0"

/* In the order in which they start; they stop in the opposite one. */
static const struct part {
	int (*start)(void);
	void (*stop)(void);
} parts[] = {
	{ ttm_pending_create, ttm_pending_free },
	{ ttm_clients_create, ttm_clients_free },
	{ ttm_namespaces_start, ttm_namespaces_stop },
	{ ttm_sockets_start, ttm_sockets_stop },
	{ ttm_getname_start, ttm_getname_stop },
	{ ttm_sockopt_start, ttm_sockopt_stop },
};

static void stop(size_t started)
{
	while (started-- > 0)
		parts[started].stop();
	ttm_trusted_free();
}

static int __init ttm_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		int error = parts[i].start();

		if (error) {
			stop(i);
			return error;
		}
	}
	pr_info("version %s, getsockopt() number %u, %u trusted networks\n", TTM_VERSION, ttm_sockopt, ttm_trusted_count());
	if (ttm_trusted_count() == 0)
		pr_warn("nobody is trusted, so every option is ignored. "
			"Next step: echo LIP[/len],... > /sys/module/sluice_ttm/parameters/trusted\n");
	return 0;
}

static void __exit ttm_exit(void)
{
	stop(ARRAY_SIZE(parts));
}

module_init(ttm_init);
module_exit(ttm_exit);

MODULE_DESCRIPTION("Shows applications the client's address that a Sluice load balancer sends as a TCP option");
MODULE_LICENSE("GPL");
MODULE_VERSION(TTM_VERSION);
