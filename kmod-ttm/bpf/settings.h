/* SPDX-License-Identifier: GPL-2.0-only */
/* What a carrier is told: whom to trust, which option kinds to read, whose listeners to serve. From the command line or a file. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <limits.h>
#include <stddef.h>

#include "ttm.h"

#define SETTINGS_FILE	"/etc/sluice/ttm.conf"

struct settings {
	struct ttm_trust_key trusted[TTM_TRUST_MAX];
	size_t trusted_count;
	struct ttm_kinds kinds;
	char cgroup[PATH_MAX];	/* empty: the root of the cgroup v2 tree */
};

/* Nobody is trusted, and the kinds are 254 and 253. */
void settings_init(struct settings *settings);

/* Each returns 0, or -1 after saying what is wrong. */
int settings_trust(struct settings *settings, const char *word);
int settings_kinds(struct settings *settings, const char *list);

/*
 * Reads a file of lines "trust ADDRESS[/LENGTH]...", "kinds NUMBER..." and "cgroup DIRECTORY"; # starts a comment.
 * The message names file and line.
 */
int settings_read(struct settings *settings, const char *file);

/* Writes the kinds as "254, 253 (IPv6 only)"; no more than size bytes. */
void kinds_format(const struct ttm_kinds *kinds, char *text, size_t size);

#endif
