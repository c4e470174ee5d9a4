// SPDX-License-Identifier: GPL-2.0-only
#include "selfcheck.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sluice_wire.h"

#define SERVER		"192.0.2.1"
#define CLIENT		"198.51.100.7"
#define CLIENT_PORT	40112
#define LOCAL_PORT	20000
#define WAIT_MS		2000
#define FRAMES_MAX	64	/* of others, such as neighbour discovery, before the SYN-ACK */

/* How the child ends; each with its sentence. */
enum outcome { CARRIED, NO_NAMESPACE, NO_TUN, NO_HANDSHAKE, WRONG_ACCEPT, WRONG_GETPEERNAME, WRONG_GETSOCKOPT, OUTCOMES };

static const char *const sentences[OUTCOMES] = {
	[CARRIED] = "a made-up client was seen by accept(), getpeername() and getsockopt()",
	[NO_NAMESPACE] = "no network namespace can be made here",
	[NO_TUN] = "no TUN device can be made here",
	[NO_HANDSHAKE] = "the connection of a made-up client did not come about",
	[WRONG_ACCEPT] = "accept() did not return the made-up client",
	[WRONG_GETPEERNAME] = "getpeername() did not return the made-up client",
	[WRONG_GETSOCKOPT] = "getsockopt() did not return the made-up client",
};

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
	__u8 options[TTM_OPTION_LEN_IPV4];
} __attribute__((packed));

static __u16 checksum(const void *data, size_t length, __u32 sum)
{
	const __u16 *words = data;

	for (size_t i = 0; i < length / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static bool send_segment(int tun, __u16 to_port, bool syn, __u32 seq, __u32 ack)
{
	const __u16 options = syn ? 0 : TTM_OPTION_LEN_IPV4, tcp_length = sizeof(struct tcphdr) + options;
	struct segment segment = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP, .tot_len = htons(sizeof(struct iphdr) + tcp_length),
			.saddr = inet_addr(SELFCHECK_TRUSTED), .daddr = inet_addr(SERVER) },
		.tcp = { .source = htons(LOCAL_PORT), .dest = to_port, .seq = htonl(seq), .ack_seq = htonl(ack), .syn = syn, .ack = !syn,
			 .doff = tcp_length / 4, .window = htons(65535) },
		.options = { TTM_OPTION_KIND, TTM_OPTION_LEN_IPV4, CLIENT_PORT >> 8, CLIENT_PORT & 0xff },
	};
	const __u32 client = inet_addr(CLIENT);
	__u32 pseudo = htons(IPPROTO_TCP) + htons(tcp_length);

	memcpy(segment.options + 4, &client, 4);
	for (int i = 0; i < 2; i++)
		pseudo += (segment.ip.saddr >> 16 * i & 0xffff) + (segment.ip.daddr >> 16 * i & 0xffff);
	segment.ip.check = checksum(&segment.ip, sizeof(segment.ip), 0);
	segment.tcp.check = checksum(&segment.tcp, tcp_length, pseudo);
	return write(tun, &segment, sizeof(struct iphdr) + tcp_length) == (ssize_t)sizeof(struct iphdr) + tcp_length;
}

static bool receive_syn_ack(int tun, struct segment *segment)
{
	for (int frame = 0; frame < FRAMES_MAX; frame++) {
		struct pollfd readable = { .fd = tun, .events = POLLIN };

		if (poll(&readable, 1, WAIT_MS) != 1)
			return false;
		if (read(tun, segment, sizeof(*segment)) >= (ssize_t)offsetof(struct segment, options) && segment->ip.version == 4
		    && segment->ip.protocol == IPPROTO_TCP && segment->tcp.syn && segment->tcp.ack)
			return true;
	}
	return false;
}

/* A TUN device with the server's address, on which whatever we write arrives. */
static int open_tun(void)
{
	struct ifreq request = { .ifr_name = "ttm%d", .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC), control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = tun >= 0 && control >= 0 && ioctl(tun, TUNSETIFF, &request) == 0;

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(SERVER) };
	up = up && ioctl(control, SIOCSIFADDR, &request) == 0;
	address->sin_addr.s_addr = inet_addr("255.255.255.0");
	up = up && ioctl(control, SIOCSIFNETMASK, &request) == 0;
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	up = up && ioctl(control, SIOCSIFFLAGS, &request) == 0;
	return up ? tun : -1;
}

static bool is_client(const struct sockaddr_in *address)
{
	return address->sin_family == AF_INET && address->sin_addr.s_addr == inet_addr(CLIENT) && address->sin_port == htons(CLIENT_PORT);
}

static enum outcome connect_as_client(int tun)
{
	struct sockaddr_in address = { .sin_family = AF_INET }, peer;
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), connection;
	struct pollfd acceptable = { .fd = listener, .events = POLLIN };
	struct ttm_peer client;
	struct segment answer;

	if (listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0
	    || !send_segment(tun, address.sin_port, true, 1, 0) || !receive_syn_ack(tun, &answer)
	    || !send_segment(tun, address.sin_port, false, 2, ntohl(answer.tcp.seq) + 1) || poll(&acceptable, 1, WAIT_MS) != 1)
		return NO_HANDSHAKE;
	length = sizeof(peer);
	connection = accept(listener, (struct sockaddr *)&peer, &length);
	if (connection < 0 || !is_client(&peer))
		return WRONG_ACCEPT;
	length = sizeof(peer);
	if (getpeername(connection, (struct sockaddr *)&peer, &length) != 0 || !is_client(&peer))
		return WRONG_GETPEERNAME;
	length = sizeof(client);
	if (getsockopt(connection, IPPROTO_IP, TTM_SO_GET_PEER, &client, &length) != 0 || client.af != TTM_AF_INET
	    || client.port != htons(CLIENT_PORT) || client.ip != inet_addr(CLIENT))
		return WRONG_GETSOCKOPT;
	return CARRIED;
}

static enum outcome run_child(int cgroup)
{
	int members = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC), tun;

	/* First the cgroup: it is the one in which a listener is made that counts. */
	if (members < 0 || write(members, "0", 1) != 1 || unshare(CLONE_NEWNET) != 0)
		return NO_NAMESPACE;
	tun = open_tun();
	return tun < 0 ? NO_TUN : connect_as_client(tun);
}

struct selfcheck selfcheck(int cgroup)
{
	int status = 0, outcome;
	pid_t child = fork();

	if (child == 0)
		_exit(run_child(cgroup));
	if (child > 0)
		waitpid(child, &status, 0);
	outcome = child < 0 ? NO_NAMESPACE : WIFEXITED(status) && WEXITSTATUS(status) < OUTCOMES ? WEXITSTATUS(status) : NO_HANDSHAKE;
	return (struct selfcheck){
		.tried = outcome != NO_NAMESPACE && outcome != NO_TUN,
		.carried = outcome == CARRIED,
		.found = sentences[outcome],
	};
}
