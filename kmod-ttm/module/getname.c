// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include "getname.h"

#include <linux/kprobes.h>
#include <linux/net.h>
#include <net/ipv6.h>

#include "clients.h"

/* Each call under way needs one; a call may sleep while it waits for the socket. */
#define CALLS_AT_ONCE 1024

struct call {
	const struct socket *socket;
	struct sockaddr *address;
};

/* The socket of the test at load, and whether its call came by. */
static const struct socket *tested;
static bool test_seen;
static bool works;

/* The third argument of getname is 0 for getsockname(), 1 for getpeername(), 2 for accept(). */
static int on_call(struct kretprobe_instance *instance, struct pt_regs *registers)
{
	const struct socket *socket = (const struct socket *)regs_get_kernel_argument(registers, 0);
	struct call *call = (struct call *)instance->data;

	if ((int)regs_get_kernel_argument(registers, 2) == 0 || socket->sk->sk_protocol != IPPROTO_TCP)
		return 1;
	call->socket = socket;
	call->address = (struct sockaddr *)regs_get_kernel_argument(registers, 1);
	return 0;
}

/* An IPv6 client is shown only where the connection itself is IPv6; one that came over IPv4 keeps the address it came from. */
static bool show(struct sockaddr *address, const struct ttm_peer *client)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	if (address->sa_family == AF_INET && client->af == AF_INET) {
		in->sin_addr.s_addr = client->ip;
		in->sin_port = client->port;
		return true;
	}
	if (address->sa_family != AF_INET6 || ipv6_addr_v4mapped(&in6->sin6_addr) != (client->af == AF_INET))
		return false;
	if (client->af == AF_INET)
		in6->sin6_addr.s6_addr32[3] = client->ip;
	else
		in6->sin6_addr = client->in6;
	in6->sin6_port = client->port;
	return true;
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *registers)
{
	struct call *call = (struct call *)instance->data;
	const struct sock *sk = call->socket->sk;
	struct ttm_peer client;

	if (call->socket == READ_ONCE(tested))
		WRITE_ONCE(test_seen, true);
	if ((int)regs_return_value(registers) > 0 && ttm_clients_peer(sk, &client) && show(call->address, &client))
		ttm_count(ttm_namespace(sock_net(sk)), TTM_COUNT_SHOWN);
	return 0;
}

#define TTM_PROBE(function) { \
	.kp.symbol_name = function, .entry_handler = on_call, .handler = on_return, \
	.data_size = sizeof(struct call), .maxactive = CALLS_AT_ONCE, \
}

static struct kretprobe probe4 = TTM_PROBE("inet_getname");
static struct kretprobe probe6 = TTM_PROBE("inet6_getname");
static struct kretprobe *probes[] = {
	&probe4,
#if IS_ENABLED(CONFIG_IPV6)
	&probe6,
#endif
};

/* Asks a socket of our own for its peer, which it has not, and looks whether the probe noticed. */
static bool is_seen(int family)
{
	struct sockaddr_storage address;
	struct socket *socket;

	if (sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP, &socket) != 0)
		return true;	/* a kernel started without this family: there is nothing to show */
	test_seen = false;
	WRITE_ONCE(tested, socket);
	kernel_getpeername(socket, (struct sockaddr *)&address);
	WRITE_ONCE(tested, NULL);
	sock_release(socket);
	return READ_ONCE(test_seen);
}

int ttm_getname_start(void)
{
	int error = register_kretprobes(probes, ARRAY_SIZE(probes));

	if (error) {
		pr_err("cannot probe inet_getname and inet6_getname: error %d. Use the eBPF carrier on this kernel.\n", error);
		return error;
	}
	works = is_seen(AF_INET) && is_seen(AF_INET6);
	if (!works)
		pr_warn("accept() and getpeername() will show the load balancer: the probes do not fire, as when kprobes are disabled. "
			"getsockopt() works. Next step: echo 1 > /sys/kernel/debug/kprobes/enabled, and load the module again.\n");
	return 0;
}

void ttm_getname_stop(void)
{
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
}

unsigned long ttm_getname_missed(void)
{
	return probe4.nmissed + probe4.kp.nmissed + probe6.nmissed + probe6.kp.nmissed;
}

bool ttm_getname_works(void)
{
	return works;
}
