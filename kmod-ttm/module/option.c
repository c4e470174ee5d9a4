// SPDX-License-Identifier: GPL-2.0-only
#include "option.h"

#define OPTION_END	0
#define OPTION_NOP	1

static int is_ttm(__u8 kind, const struct ttm_kinds *kinds)
{
	unsigned int i;

	for (i = 0; i < kinds->count; i++)
		if (kinds->kind[i] == kind)
			return 1;
	return 0;
}

/* The option is known to have option[1] bytes. */
static enum ttm_verdict read_client(const __u8 *option, struct ttm_peer *peer)
{
	if (option[1] == TTM_OPTION_LEN_IPV4 && option[0] != TTM_OPTION_KIND_OLD6) {
		peer->af = TTM_AF_INET;
		__builtin_memcpy(&peer->ip, option + 4, 4);
	} else if (option[1] == TTM_OPTION_LEN_IPV6) {
		peer->af = TTM_AF_INET6;
		__builtin_memcpy(peer->ip6, option + 4, 16);
	} else {
		return TTM_BROKEN;
	}
	__builtin_memcpy(&peer->port, option + 2, 2);
	return TTM_FOUND;
}

struct ttm_search ttm_search_options(const __u8 *options, unsigned int length, const struct ttm_kinds *kinds)
{
	struct ttm_search search = { .verdict = TTM_NOTHING };
	unsigned int offset = 0;

	/* The last byte can only be a NOP or the end of the options. */
	while (offset + 2 <= length && options[offset] != OPTION_END) {
		const __u8 *option = options + offset;

		if (option[0] == OPTION_NOP) {
			offset++;
			continue;
		}
		if (option[1] < 2 || offset + option[1] > length) {
			if (search.options == 0)
				search.verdict = TTM_BROKEN;
			break;
		}
		if (is_ttm(option[0], kinds) && search.options++ == 0)
			search.verdict = read_client(option, &search.peer);
		offset += option[1];
	}
	return search;
}
