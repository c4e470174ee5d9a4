/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP server behind Sluice that knows its clients. What to copy is get_client().
 *
 *   cc -O2 -o ttm-server ttm-server.c && ./ttm-server --port 8000
 *   curl http://VIP:8000/
 *   accept=198.51.100.7:40112 getpeername=198.51.100.7:40112 ttm=198.51.100.7:40112
 *
 * accept= and getpeername= are what every program sees; ttm= is what getsockopt() says, also for an IPv6 client whose connection
 * arrives over IPv4. Without the TTM carrier on this machine, or for a connection that did not come through the load balancer,
 * the first two are the other end of the connection and ttm= says why there is nothing else.
 *
 * --udp answers datagrams with the address they came from, the client of a PROXY protocol header (ttm has no UDP), and the payload.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TTM_SO_GET_PEER 1345	/* level IPPROTO_IP */

struct ttm_peer {		/* 20 bytes */
	uint16_t af;		/* AF_INET or AF_INET6 */
	uint16_t port;		/* network order */
	union {
		struct in_addr in;
		struct in6_addr in6;
	};
};
_Static_assert(sizeof(struct ttm_peer) == 20, "the length that the carrier writes");

/* The client of an accepted connection: 0, or -1 with errno ENOENT or ENOPROTOOPT if the load balancer named none. */
static int get_client(int connection, struct ttm_peer *client)
{
	socklen_t length = sizeof(*client);

	return getsockopt(connection, IPPROTO_IP, TTM_SO_GET_PEER, client, &length);
}

#define TEXT_MAX	64	/* [address]:port */
#define LINE_MAX_BYTES	512
#define FIRST_BYTES_MS	1000	/* how long we wait for a request before we answer without one */

struct settings {
	int family;		/* AF_INET; or AF_INET6, which also takes IPv4 unless ipv6_only */
	bool ipv6_only;
	bool udp;
	const char *bind;
	const char *name;
	unsigned int port;
	long count;		/* connections or datagrams until we end; 0 is for ever */
};

static void format_address(int family, const void *address, uint16_t port, char *text)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(family, address, host, sizeof(host));
	snprintf(text, TEXT_MAX, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, ntohs(port));
}

static void format_socket_address(const struct sockaddr_storage *from, char *text)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;

	if (from->ss_family == AF_INET)
		format_address(AF_INET, &v4->sin_addr, v4->sin_port, text);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))	/* IPv4 on a dual-stack listener */
		format_address(AF_INET, &v6->sin6_addr.s6_addr[12], v6->sin6_port, text);
	else
		format_address(AF_INET6, &v6->sin6_addr, v6->sin6_port, text);
}

static void format_client(int connection, char *text)
{
	struct ttm_peer client;

	if (get_client(connection, &client) == 0)
		format_address(client.af, &client.in6, client.port, text);
	else
		snprintf(text, TEXT_MAX, "none(%s)", errno == ENOENT ? "ENOENT" : errno == ENOPROTOOPT ? "ENOPROTOOPT" : strerror(errno));
}

/* Waits for the first bytes: the load balancer repeats the option on them, in case the handshake did not bring it. */
static void read_request(int connection, char *request, size_t size)
{
	struct pollfd readable = { .fd = connection, .events = POLLIN };
	ssize_t length = 0;

	if (poll(&readable, 1, FIRST_BYTES_MS) == 1)
		length = recv(connection, request, size - 1, 0);
	request[length > 0 ? length : 0] = '\0';
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void send_all(int connection, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(connection, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= sent;
	}
}

static void serve_connection(int connection, const struct sockaddr_storage *accepted, const struct settings *settings)
{
	char accept_text[TEXT_MAX], peer_text[TEXT_MAX] = "none", client_text[TEXT_MAX];
	char request[4096], line[LINE_MAX_BYTES], head[LINE_MAX_BYTES];
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	bool head_only;

	read_request(connection, request, sizeof(request));
	head_only = starts_with(request, "HEAD ");
	format_socket_address(accepted, accept_text);
	if (getpeername(connection, (struct sockaddr *)&peer, &length) == 0)
		format_socket_address(&peer, peer_text);
	format_client(connection, client_text);
	snprintf(line, sizeof(line), "%s%saccept=%s getpeername=%s ttm=%s\n", settings->name, *settings->name ? " " : "",
		 accept_text, peer_text, client_text);
	fputs(line, stdout);
	fflush(stdout);
	if (head_only || starts_with(request, "GET ") || starts_with(request, "POST ")) {
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
			 "Connection: close\r\n\r\n", strlen(line));
		send_all(connection, head, strlen(head));
	}
	if (!head_only)
		send_all(connection, line, strlen(line));
	/* Closing while unread bytes are here would reset the connection and could take the answer with it. */
	shutdown(connection, SHUT_WR);
	struct pollfd readable = { .fd = connection, .events = POLLIN };
	while (poll(&readable, 1, FIRST_BYTES_MS) == 1 && recv(connection, request, sizeof(request), 0) > 0)
		;
	close(connection);
}

static void serve_tcp(int listener, const struct settings *settings)
{
	for (long served = 0; settings->count == 0 || served < settings->count; served++) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		int connection = accept(listener, (struct sockaddr *)&from, &length);

		if (connection < 0) {
			/* Not a fault of ours, such as a client that is gone already, or the limit on open files. */
			if (errno != EINTR && errno != ECONNABORTED) {
				perror("ttm-server: accept");
				sleep(1);
			}
			served--;
			continue;
		}
		if (fork() == 0) {
			close(listener);
			serve_connection(connection, &from, settings);
			_exit(0);
		}
		close(connection);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
}

/*
 * PROXY protocol version 2: 12 bytes of signature, version and command, family and protocol, length of what follows (two bytes);
 * then source and destination address, source and destination port. Returns how many bytes it takes, 0 if it is not there.
 */
static size_t parse_proxy_header(const unsigned char *datagram, size_t length, char *client)
{
	static const unsigned char signature[12] = "\r\n\r\n\0\r\nQUIT\n";
	uint16_t port;
	size_t total;

	snprintf(client, TEXT_MAX, "none");
	if (length < 16 || memcmp(datagram, signature, sizeof(signature)) != 0 || datagram[12] >> 4 != 2)
		return 0;
	total = 16 + datagram[14] * 256u + datagram[15];
	if (total > length)
		return 0;
	if (datagram[12] == 0x21 && datagram[13] == 0x12 && total >= 16 + 12) {		/* PROXY, UDP over IPv4 */
		memcpy(&port, datagram + 24, 2);
		format_address(AF_INET, datagram + 16, port, client);
	} else if (datagram[12] == 0x21 && datagram[13] == 0x22 && total >= 16 + 36) {	/* PROXY, UDP over IPv6 */
		memcpy(&port, datagram + 48, 2);
		format_address(AF_INET6, datagram + 16, port, client);
	}
	return total;
}

static void serve_udp(int endpoint, const struct settings *settings)
{
	static unsigned char datagram[65536], answer[LINE_MAX_BYTES + 65536];

	for (long served = 0; settings->count == 0 || served < settings->count; served++) {
		struct sockaddr_storage from;
		socklen_t from_length = sizeof(from);
		ssize_t length = recvfrom(endpoint, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &from_length);
		char from_text[TEXT_MAX], client_text[TEXT_MAX];
		size_t header;
		int line;

		if (length < 0) {
			served--;
			continue;
		}
		header = parse_proxy_header(datagram, length, client_text);
		format_socket_address(&from, from_text);
		line = snprintf((char *)answer, LINE_MAX_BYTES, "%s%sfrom=%s proxy=%s bytes=%zd\n", settings->name,
				*settings->name ? " " : "", from_text, client_text, length - (ssize_t)header);
		printf("%s", (char *)answer);
		fflush(stdout);
		memcpy(answer + line, datagram + header, length - header);
		sendto(endpoint, answer, line + length - header, 0, (struct sockaddr *)&from, from_length);
	}
}

static int open_socket(const struct settings *settings)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(settings->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(settings->port) };
	const bool ipv6 = settings->family == AF_INET6;
	const struct sockaddr *address = ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	const int on = 1, only = settings->ipv6_only;
	int fd = socket(settings->family, settings->udp ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (settings->bind && inet_pton(settings->family, settings->bind, ipv6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1) {
		fprintf(stderr, "ttm-server: --bind %s is no address of the family in use. For IPv4 say also: --family ipv4\n", settings->bind);
		exit(2);
	}
	if (fd >= 0 && !settings->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && ipv6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (fd < 0 || bind(fd, address, ipv6 ? sizeof(v6) : sizeof(v4)) != 0 || (!settings->udp && listen(fd, 1024) != 0)) {
		fprintf(stderr, "ttm-server: cannot listen on port %u: %s\n", settings->port, strerror(errno));
		exit(1);
	}
	return fd;
}

static void usage(FILE *out, int status)
{
	fputs("usage: ttm-server [--port 8000] [--family dual|ipv4|ipv6] [--bind ADDRESS] [--name NAME] [--once | --count N] [--udp]\n", out);
	exit(status);
}

static void parse_family(const char *word, struct settings *settings)
{
	settings->family = strcmp(word, "ipv4") == 0 ? AF_INET : AF_INET6;
	settings->ipv6_only = strcmp(word, "ipv6") == 0;
	if (settings->family == AF_INET6 && !settings->ipv6_only && strcmp(word, "dual") != 0)
		usage(stderr, 2);
}

static unsigned long parse_number(const char *word, unsigned long most)
{
	char *rest;
	unsigned long number = strtoul(word, &rest, 10);

	if (*word < '0' || *word > '9' || *rest || number < 1 || number > most) {
		fprintf(stderr, "ttm-server: '%s' is no number of 1 to %lu\n", word, most);
		exit(2);
	}
	return number;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' }, { "family", required_argument, NULL, 'f' },
		{ "bind", required_argument, NULL, 'b' }, { "name", required_argument, NULL, 'n' },
		{ "count", required_argument, NULL, 'c' }, { "once", no_argument, NULL, 'o' },
		{ "udp", no_argument, NULL, 'u' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct settings settings = { .family = AF_INET6, .port = 8000, .name = "" };
	int option, fd;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p': settings.port = parse_number(optarg, 65535); break;
		case 'f': parse_family(optarg, &settings); break;
		case 'b': settings.bind = optarg; break;
		case 'n': settings.name = optarg; break;
		case 'c': settings.count = parse_number(optarg, 1000000000); break;
		case 'o': settings.count = 1; break;
		case 'u': settings.udp = true; break;
		case 'h': usage(stdout, 0); break;
		default: usage(stderr, 2);
		}
	}
	if (optind < argc)
		usage(stderr, 2);
	fd = open_socket(&settings);
	printf("listening on port %u\n", settings.port);
	fflush(stdout);
	if (settings.udp)
		serve_udp(fd, &settings);
	else
		serve_tcp(fd, &settings);
	return 0;
}
