/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of local addresses whose options are believed: text on one side, keys of the map "trusted" on the other. */
#ifndef TRUST_H
#define TRUST_H

#include <stddef.h>

#include "ttm.h"

/* Longest text of a key: an IPv6 address, a slash and three digits. */
#define TRUST_TEXT_MAX	64

/* Reads ADDRESS or ADDRESS/LENGTH; 0, or -1 after saying what is wrong with it. */
int trust_parse(const char *text, struct ttm_trust_key *key);

/* Writes ADDRESS/LENGTH to text, which has TRUST_TEXT_MAX bytes. */
void trust_format(const struct ttm_trust_key *key, char *text);

/* Changes the map behind the descriptor; 0, or -1 after a message. */
int trust_add(int map, const struct ttm_trust_key *key);
int trust_remove(int map, const struct ttm_trust_key *key);

/* Makes the map hold these entries and no others. What is in both is never missing meanwhile. */
int trust_replace(int map, const struct ttm_trust_key *keys, size_t count);

/* Copies every entry of the map, at most TTM_TRUST_MAX; how many there are. */
size_t trust_read(int map, struct ttm_trust_key *keys);

#endif
