// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as TCP options: no read behind them (the address sanitizer sees to that), and a client only where an option spells it. */
#include <stdlib.h>
#include <string.h>

#include "option.h"

#define OPTIONS_MAX	40

static const struct ttm_kinds kinds = { .count = 2, .kind = { 254, 253 } };

static void require(int truth)
{
	if (!truth)
		abort();
}

/* Whether these bytes, anywhere among the options, are an option that names this client. */
static int is_spelled(const __u8 *options, size_t length, const struct ttm_peer *peer)
{
	__u8 expected[TTM_OPTION_LEN_IPV6] = { 254, peer->af == TTM_AF_INET ? TTM_OPTION_LEN_IPV4 : TTM_OPTION_LEN_IPV6 };

	memcpy(expected + 2, &peer->port, 2);
	memcpy(expected + 4, peer->all, expected[1] - 4);
	for (size_t at = 0; at + expected[1] <= length; at++) {
		expected[0] = peer->af == TTM_AF_INET6 && options[at] == 253 ? 253 : 254;
		if (memcmp(options + at, expected, expected[1]) == 0)
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static const struct ttm_peer nobody;
	size_t length = size < OPTIONS_MAX ? size : OPTIONS_MAX;
	struct ttm_search search = ttm_search_options(data + size - length, length, &kinds);

	require(search.options <= OPTIONS_MAX / 2);
	if (search.verdict == TTM_FOUND) {
		require(search.options > 0);
		require(search.peer.af == TTM_AF_INET || search.peer.af == TTM_AF_INET6);
		require(is_spelled(data + size - length, length, &search.peer));
	} else {
		require(memcmp(&search.peer, &nobody, sizeof(nobody)) == 0);
		require(search.verdict == TTM_BROKEN || search.options == 0);
	}
	return 0;
}
