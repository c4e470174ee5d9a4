/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The carrier as it stands in the kernel: four links to a cgroup and three maps, pinned in one directory of a bpf file system,
 * so that they stay when the loader ends. Every function returns 0, or -1 after saying on standard error what is wrong.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "ttm.h"

#define CARRIER_DEFAULT_PINS	"/sys/fs/bpf/sluice-ttm"
#define CARRIER_LINKS		4

extern const char *const carrier_link_names[CARRIER_LINKS];

bool carrier_exists(const char *pins);

/* Loads, fills the trusted list, attaches to the cgroup and pins: all of it or nothing. */
int carrier_attach(const char *pins, int cgroup, const char *cgroup_name, const struct ttm_trust_key *trusted, size_t trusted_count);

/* Puts this loader's programs in the place of the attached ones. Maps stay: no connection loses its client. */
int carrier_upgrade(const char *pins);

/* From its return on, no program of ours runs for any socket. */
int carrier_detach(const char *pins);

/* Opens a pinned map or link by its name; -1 with a message if it is not there. */
int carrier_open(const char *pins, const char *name);

/* Prints where it is attached, the trusted list and the counters. */
int carrier_status(const char *pins);

#endif
