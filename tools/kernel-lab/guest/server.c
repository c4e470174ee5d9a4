/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real server's test program: tells each client what programs see of it.
 *
 *   ask N    calls getsockopt(1345) with room for N bytes, and answers with one line:
 *
 *   accept=ADDRESS,PORT peer=ADDRESS,PORT error=ERRNO length=LENGTH changed=BYTES bytes=HEX
 *
 * accept is what accept() gave when the connection came, peer what getpeername() gives now. The buffer is larger than N and was
 * filled with one value: changed is how many bytes of it, from its start to the last one that was written, are no longer the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sluice_wire.h"

#define ENDPOINT_TEXT	(INET6_ADDRSTRLEN + 6)
#define LINE_BYTES	32
#define CONNECTIONS	16384
#define BACKLOG		1024
#define ROOM		8192
#define UNTOUCHED	0xaa
#define DEFER_SECONDS	10

static const struct {
	unsigned short port;
	int family;
	bool dual_stack;
	bool deferred;
} listeners[] = {
	{ 7000, AF_INET, false, false },
	{ 7000, AF_INET6, false, false },
	{ 7001, AF_INET6, true, false },
	{ 7002, AF_INET, false, true },
	{ 7002, AF_INET6, false, true },
};
#define LISTENERS (sizeof(listeners) / sizeof(listeners[0]))

/* By descriptor; a listener has no accepted address. */
static struct connection {
	char accepted[ENDPOINT_TEXT];
	char line[LINE_BYTES];
	size_t length;
} connections[CONNECTIONS];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void format_endpoint(const struct sockaddr_storage *from, char *text)
{
	const struct sockaddr_in *v4 = (const void *)from;
	const struct sockaddr_in6 *v6 = (const void *)from;
	bool is_ipv4 = from->ss_family == AF_INET;
	char address[INET6_ADDRSTRLEN];

	inet_ntop(from->ss_family, is_ipv4 ? (const void *)&v4->sin_addr : &v6->sin6_addr, address, sizeof(address));
	snprintf(text, ENDPOINT_TEXT, "%s,%u", address, ntohs(is_ipv4 ? v4->sin_port : v6->sin6_port));
}

static int listen_on(unsigned int number)
{
	int one = 1, only_ipv6 = !listeners[number].dual_stack, seconds = DEFER_SECONDS;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(listeners[number].port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(listeners[number].port) };
	bool is_ipv4 = listeners[number].family == AF_INET;
	int listener = socket(listeners[number].family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (listener < 0)
		die("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!is_ipv4)
		setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6));
	if (listeners[number].deferred)
		setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
	if (bind(listener, is_ipv4 ? (void *)&v4 : (void *)&v6, is_ipv4 ? sizeof(v4) : sizeof(v6)) != 0)
		die("bind");
	if (listen(listener, BACKLOG) != 0)
		die("listen");
	return listener;
}

static void watch(int epoll, int descriptor)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = descriptor };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
		die("epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	int connection;

	while ((connection = accept4(listener, (struct sockaddr *)&from, &length, SOCK_NONBLOCK)) >= 0) {
		if (connection >= CONNECTIONS) {
			fprintf(stderr, "more than %d connections\n", CONNECTIONS);
			exit(1);
		}
		connections[connection].length = 0;
		format_endpoint(&from, connections[connection].accepted);
		watch(epoll, connection);
		length = sizeof(from);
	}
}

static void answer(int connection, long room)
{
	static unsigned char buffer[ROOM + 64];
	char peer[ENDPOINT_TEXT] = "none,0", hex[2 * sizeof(struct ttm_peer) + 1], text[512];
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from), length = room;
	size_t changed = sizeof(buffer);
	int error, size;

	if (room < 0 || room > ROOM)
		room = length = 0;
	memset(buffer, UNTOUCHED, sizeof(buffer));
	error = getsockopt(connection, IPPROTO_IP, TTM_SO_GET_PEER, buffer, &length) == 0 ? 0 : errno;
	while (changed > 0 && buffer[changed - 1] == UNTOUCHED)
		changed--;
	for (size_t i = 0; i < sizeof(struct ttm_peer); i++)
		sprintf(hex + 2 * i, "%02x", buffer[i]);
	if (getpeername(connection, (struct sockaddr *)&from, &from_length) == 0)
		format_endpoint(&from, peer);
	size = snprintf(text, sizeof(text), "accept=%s peer=%s error=%d length=%u changed=%zu bytes=%s\n",
			connections[connection].accepted, peer, error, length, changed, hex);
	if (send(connection, text, size, MSG_NOSIGNAL) < 0)
		fprintf(stderr, "send: %s\n", strerror(errno));
}

/* False when the connection has ended. */
static bool read_commands(int connection)
{
	struct connection *state = &connections[connection];
	char *end;
	ssize_t got = recv(connection, state->line + state->length, LINE_BYTES - 1 - state->length, 0);

	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	state->length += got;
	state->line[state->length] = '\0';
	while ((end = strchr(state->line, '\n'))) {
		if (strncmp(state->line, "ask ", 4) == 0)
			answer(connection, atol(state->line + 4));
		state->length -= end + 1 - state->line;
		memmove(state->line, end + 1, state->length + 1);
	}
	return state->length < LINE_BYTES - 1;
}

int main(void)
{
	int epoll = epoll_create1(0), last_listener = -1;

	if (epoll < 0)
		die("epoll_create1");
	signal(SIGPIPE, SIG_IGN);
	for (unsigned int number = 0; number < LISTENERS; number++) {
		last_listener = listen_on(number);
		watch(epoll, last_listener);
	}
	for (;;) {
		struct epoll_event events[64];
		int count = epoll_wait(epoll, events, 64, -1);

		if (count < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < count; i++) {
			int descriptor = events[i].data.fd;

			if (descriptor <= last_listener)
				accept_all(epoll, descriptor);
			else if (!read_commands(descriptor))
				close(descriptor);
		}
	}
}
