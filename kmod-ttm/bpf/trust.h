/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of local addresses whose options are believed: text on one side, keys of the map "trusted" on the other. */
#ifndef TRUST_H
#define TRUST_H

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

/* Prints every entry after the given prefix, one a line; how many there are. */
int trust_print(int map, const char *prefix);

#endif
