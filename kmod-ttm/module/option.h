/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TTM option among the options of a TCP header. Plain C without the kernel's headers: the same file is tested and fuzzed on any host.
 * The layout of the option is drawn in sluice_wire.h.
 */
#ifndef TTM_OPTION_H
#define TTM_OPTION_H

#include "sluice_wire.h"

#define TTM_KIND_MIN	35	/* every lower one means something else to TCP */
#define TTM_KIND_MAX	254
#define TTM_KINDS_MAX	8

struct ttm_kinds {
	unsigned int count;
	__u8 kind[TTM_KINDS_MAX];
};

enum ttm_verdict {
	TTM_NOTHING,	/* no TTM option */
	TTM_FOUND,
	TTM_BROKEN	/* a TTM option of a wrong length, or an option before any TTM option that cannot be */
};

struct ttm_search {
	enum ttm_verdict verdict;
	unsigned int options;	/* TTM options seen; the first one counts, more than one is worth a note */
	struct ttm_peer peer;	/* all zero unless found */
};

/* Searches length (0 to 40) bytes of TCP options for the client. Reads nothing behind them, whatever they say. */
struct ttm_search ttm_search_options(const __u8 *options, unsigned int length, const struct ttm_kinds *kinds);

#endif
