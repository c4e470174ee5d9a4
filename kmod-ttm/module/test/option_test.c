// SPDX-License-Identifier: GPL-2.0-only
/* Which bytes of TCP options name a client. One row per case; every row runs on memory that ends where the options end. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option.h"

#define V4		0xfe, 8, 0x9c, 0xb0, 198, 51, 100, 7
#define V4_OTHER	0xfe, 8, 0xc3, 0x50, 203, 0, 113, 9
#define ADDRESS6	0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7
#define V6		0xfe, 20, 0x9c, 0xb0, ADDRESS6
#define V6_OLD		0xfd, 20, 0x9c, 0xb0, ADDRESS6
#define TIMESTAMPS	1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2
#define NOP4		1, 1, 1, 1
#define NOP16		NOP4, NOP4, NOP4, NOP4
#define ZERO4		0, 0, 0, 0

#define CLIENT4		"198.51.100.7"
#define CLIENT6		"2001:db8::7"
#define PORT		40112

static const struct ttm_kinds usual = { .count = 2, .kind = { 254, 253 } };
static const struct ttm_kinds only_200 = { .count = 1, .kind = { 200 } };
static const struct ttm_kinds nothing = { .count = 0 };

struct option_case {
	const char *name;
	const struct ttm_kinds *kinds;
	unsigned int length;
	__u8 bytes[40];
	enum ttm_verdict verdict;
	unsigned int options;
	const char *client;	/* NULL: none */
	unsigned int port;
};

/* The length is counted by the compiler, so that a row cannot lie about it. */
#define OPTIONS(...)	.length = sizeof((__u8[]){ __VA_ARGS__ }), .bytes = { __VA_ARGS__ }
#define FOUND4		TTM_FOUND, 1, CLIENT4, PORT
#define FOUND6		TTM_FOUND, 1, CLIENT6, PORT
#define BROKEN		TTM_BROKEN, 1, NULL, 0
#define OVERRUN		TTM_BROKEN, 0, NULL, 0
#define NOTHING		TTM_NOTHING, 0, NULL, 0

static const struct option_case cases[] = {
	{ "no options", &usual, .length = 0, .bytes = { 0 }, NOTHING },
	{ "kind 254 length 8", &usual, OPTIONS(V4), FOUND4 },
	{ "kind 254 length 20", &usual, OPTIONS(V6), FOUND6 },
	{ "kind 253 length 20", &usual, OPTIONS(V6_OLD), FOUND6 },
	{ "kind 253 length 8", &usual, OPTIONS(0xfd, 8, 0x9c, 0xb0, 198, 51, 100, 7), BROKEN },
	{ "timestamps only", &usual, OPTIONS(TIMESTAMPS), NOTHING },
	{ "before timestamps", &usual, OPTIONS(V4, TIMESTAMPS), FOUND4 },
	{ "behind timestamps", &usual, OPTIONS(TIMESTAMPS, V4), FOUND4 },
	{ "IPv6 behind timestamps", &usual, OPTIONS(TIMESTAMPS, V6), FOUND6 },
	{ "between NOPs, unaligned", &usual, OPTIONS(1, V4, 1, 1, 1), FOUND4 },
	{ "40 bytes, at the end", &usual, OPTIONS(NOP16, NOP16, V4), FOUND4 },
	{ "40 bytes, at the start", &usual, OPTIONS(V4, NOP16, NOP16), FOUND4 },
	{ "40 bytes, IPv6 at the end", &usual, OPTIONS(NOP16, NOP4, V6), FOUND6 },
	{ "40 bytes of NOP", &usual, OPTIONS(NOP16, NOP16, NOP4, NOP4), NOTHING },
	{ "behind the end of options", &usual, OPTIONS(0, 1, 1, 1, V4), NOTHING },
	{ "end of options behind it", &usual, OPTIONS(V4, ZERO4), FOUND4 },
	{ "inside another option", &usual, OPTIONS(252, 12, 0, 0, V4), NOTHING },
	{ "two", &usual, OPTIONS(V4, V4_OTHER), TTM_FOUND, 2, CLIENT4, PORT },
	{ "five", &usual, OPTIONS(V4, V4, V4, V4, V4), TTM_FOUND, 5, CLIENT4, PORT },
	{ "IPv6, then IPv4", &usual, OPTIONS(V6, V4), TTM_FOUND, 2, CLIENT6, PORT },
	{ "a wrong length, then a good one", &usual, OPTIONS(254, 4, 0, 0, V4), TTM_BROKEN, 2, NULL, 0 },
	{ "length 0", &usual, OPTIONS(254, 0, 0x9c, 0xb0, 198, 51, 100, 7), OVERRUN },
	{ "length 1", &usual, OPTIONS(254, 1, 0x9c, 0xb0, 198, 51, 100, 7), OVERRUN },
	{ "length 2", &usual, OPTIONS(254, 2, 1, 1, 1, 1, 1, 1), BROKEN },
	{ "length 7", &usual, OPTIONS(254, 7, 0x9c, 0xb0, 198, 51, 100, 7), BROKEN },
	{ "length 9", &usual, OPTIONS(254, 9, 0x9c, 0xb0, 198, 51, 100, 7, 1, 1, 1, 1), BROKEN },
	{ "length 19", &usual, OPTIONS(254, 19, 0x9c, 0xb0, ADDRESS6), BROKEN },
	{ "length 21", &usual, OPTIONS(254, 21, 0x9c, 0xb0, ADDRESS6, 1, 1, 1, 1), BROKEN },
	{ "length 255", &usual, OPTIONS(254, 255, 0x9c, 0xb0, 198, 51, 100, 7), OVERRUN },
	{ "length 8, four bytes left", &usual, OPTIONS(254, 8, 0x9c, 0xb0), OVERRUN },
	{ "length 8, seven bytes left", &usual, OPTIONS(1, 254, 8, 0x9c, 0xb0, 198, 51, 100), OVERRUN },
	{ "length 20, sixteen bytes left", &usual, OPTIONS(254, 20, 0x9c, 0xb0, 0x20, 1, 0x0d, 0xb8, ZERO4, ZERO4), OVERRUN },
	{ "length byte last", &usual, OPTIONS(1, 1, 254, 8), OVERRUN },
	{ "kind in the last byte", &usual, OPTIONS(1, 1, 1, 254), NOTHING },
	{ "another option overruns", &usual, OPTIONS(252, 77, 0, 0), OVERRUN },
	{ "another option of length 0", &usual, OPTIONS(252, 0, 0, 0, V4), OVERRUN },
	{ "an overrun behind a good one", &usual, OPTIONS(V4, 252, 77, 0, 0), FOUND4 },
	{ "an overrun behind a wrong length", &usual, OPTIONS(254, 4, 0, 0, 252, 77, 0, 0), BROKEN },
	{ "port 0", &usual, OPTIONS(254, 8, 0, 0, 198, 51, 100, 7), TTM_FOUND, 1, CLIENT4, 0 },
	{ "port 63881, the Fast Open magic", &usual, OPTIONS(254, 8, 0xf9, 0x89, 198, 51, 100, 7), TTM_FOUND, 1, CLIENT4, 63881 },
	{ "another kind configured, seen", &only_200, OPTIONS(200, 8, 0x9c, 0xb0, 198, 51, 100, 7), FOUND4 },
	{ "another kind configured, not seen", &only_200, OPTIONS(V4, TIMESTAMPS), NOTHING },
	{ "no kind configured", &nothing, OPTIONS(V4), NOTHING },
};

static int is_client(const struct ttm_peer *peer, const struct option_case *expected)
{
	struct ttm_peer client = { 0 };

	if (expected->client) {
		client.af = strchr(expected->client, ':') ? TTM_AF_INET6 : TTM_AF_INET;
		client.port = htons(expected->port);
		inet_pton(client.af, expected->client, client.all);
	}
	return memcmp(peer, &client, sizeof(client)) == 0;
}

int main(void)
{
	unsigned int passed = 0, failed = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct option_case *expected = &cases[i];
		__u8 *exact = malloc(expected->length ? expected->length : 1);
		struct ttm_search search;

		memcpy(exact, expected->bytes, expected->length);
		search = ttm_search_options(exact, expected->length, expected->kinds);
		free(exact);
		if (search.verdict == expected->verdict && search.options == expected->options && is_client(&search.peer, expected)) {
			passed++;
			continue;
		}
		failed++;
		printf("FAILED %s: verdict %d, options %u, af %u, port %u\n", expected->name, search.verdict, search.options,
		       search.peer.af, ntohs(search.peer.port));
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
