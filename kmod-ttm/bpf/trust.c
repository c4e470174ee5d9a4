// SPDX-License-Identifier: GPL-2.0-only
#include "trust.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void clear_host_bits(__u8 *address, unsigned int prefix, unsigned int bits)
{
	for (unsigned int bit = prefix; bit < bits; bit++)
		address[bit / 8] &= ~(0x80 >> bit % 8);
}

int trust_parse(const char *text, struct ttm_trust_key *key)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	char address[TRUST_TEXT_MAX], meant[TRUST_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct ttm_trust_key masked;
	unsigned long prefix;
	unsigned int bits;
	char *rest;

	memset(key, 0, sizeof(*key));
	if (length >= sizeof(address))
		return complain("'%s' is no address. Write 10.2.0.1, 10.2.0.0/24 or fd02::/64.", text);
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(AF_INET, address, key->address) == 1)
		key->family = TTM_AF_INET;
	else if (inet_pton(AF_INET6, address, key->address) == 1)
		key->family = TTM_AF_INET6;
	else
		return complain("'%s' is no address. Write 10.2.0.1, 10.2.0.0/24 or fd02::/64.", text);
	if (key->family == TTM_AF_INET6 && memcmp(key->address, mapped, sizeof(mapped)) == 0)
		return complain("'%s' is an IPv4 address in IPv6 clothes, which no packet carries. Write the IPv4 address.", text);

	bits = key->family == TTM_AF_INET ? 32 : 128;
	prefix = bits;
	if (slash) {
		prefix = strtoul(slash + 1, &rest, 10);
		if (slash[1] < '0' || slash[1] > '9' || *rest || prefix > bits)
			return complain("'%s' has no prefix length of 0 to %u after the slash.", text, bits);
	}
	key->bits = TTM_FAMILY_BITS + prefix;
	masked = *key;
	clear_host_bits(masked.address, prefix, bits);
	if (memcmp(&masked, key, sizeof(masked)) != 0) {
		trust_format(&masked, meant);
		return complain("'%s' has bits behind its prefix. For the whole network write %s, for the one address %s.", text, meant, address);
	}
	return 0;
}

void trust_format(const struct ttm_trust_key *key, char *text)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(key->family == TTM_AF_INET ? AF_INET : AF_INET6, key->address, address, sizeof(address));
	snprintf(text, TRUST_TEXT_MAX, "%s/%u", address, key->bits - TTM_FAMILY_BITS);
}

int trust_add(int map, const struct ttm_trust_key *key)
{
	const __u8 present = 1;
	char text[TRUST_TEXT_MAX];

	if (bpf_map_update_elem(map, key, &present, BPF_ANY) == 0)
		return 0;
	trust_format(key, text);
	if (errno == ENOSPC)
		return complain("the trusted list is full (%d entries), %s was not added. Write networks instead of single addresses.",
				TTM_TRUST_MAX, text);
	return complain("cannot add %s to the trusted list: %s.", text, strerror(errno));
}

int trust_remove(int map, const struct ttm_trust_key *key)
{
	char text[TRUST_TEXT_MAX];

	if (bpf_map_delete_elem(map, key) == 0)
		return 0;
	trust_format(key, text);
	if (errno == ENOENT)
		return complain("%s is not in the trusted list, exactly so. 'ttmctl trust list' shows what is.", text);
	return complain("cannot take %s from the trusted list: %s.", text, strerror(errno));
}

size_t trust_read(int map, struct ttm_trust_key *keys)
{
	struct ttm_trust_key *previous = NULL;
	size_t count = 0;

	/* Bounded, because a list that is changed meanwhile starts from its beginning again. */
	while (count < TTM_TRUST_MAX && bpf_map_get_next_key(map, previous, &keys[count]) == 0)
		previous = &keys[count++];
	return count;
}

static bool contains(const struct ttm_trust_key *keys, size_t count, const struct ttm_trust_key *wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (memcmp(&keys[i], wanted, sizeof(*wanted)) == 0)
			return true;
	}
	return false;
}

int trust_replace(int map, const struct ttm_trust_key *keys, size_t count)
{
	struct ttm_trust_key *old = calloc(TTM_TRUST_MAX, sizeof(*old));
	size_t old_count = old ? trust_read(map, old) : 0;
	int result = old ? 0 : complain("no memory for the trusted list.");

	/* Removed first, because both lists together may be more than the map has room for. */
	for (size_t i = 0; i < old_count && result == 0; i++) {
		if (!contains(keys, count, &old[i]))
			result = trust_remove(map, &old[i]);
	}
	for (size_t i = 0; i < count && result == 0; i++)
		result = trust_add(map, &keys[i]);
	free(old);
	return result;
}
