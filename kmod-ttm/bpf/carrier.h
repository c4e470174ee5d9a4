/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The carrier as it stands in the kernel: four links to a cgroup and their maps, pinned in one directory of a bpf file system,
 * so that they stay when the loader ends. Every function returns 0, or -1 after saying on standard error what is wrong.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

#define CARRIER_DEFAULT_PINS	"/sys/fs/bpf/sluice-ttm"
#define CARRIER_LINKS		4

extern const char *const carrier_link_names[CARRIER_LINKS];

bool carrier_exists(const char *pins);

/* Loads, tells it the settings, attaches to the cgroup and pins: all of it or nothing. */
int carrier_attach(const char *pins, int cgroup, const char *cgroup_name, const struct settings *settings);

/* Only loads the programs, which is where a kernel refuses them. */
int carrier_load_only(void);

/* Attaches without pins, so nothing stays, and calls meanwhile(); -1 also if that does not return 0. */
int carrier_try(int cgroup, const char *cgroup_name, const struct settings *settings, int (*meanwhile)(int cgroup));

/* Makes the trusted list and the kinds what the settings say. Who stays trusted is trusted all the time. */
int carrier_reload(const char *pins, const struct settings *settings);

/* Puts this loader's programs in the place of the attached ones. Maps stay: no connection loses its client. */
int carrier_upgrade(const char *pins);

/* From its return on, no program of ours runs for any socket. */
int carrier_detach(const char *pins);

/* Opens a pinned map or link by its name; -1 with a message if it is not there. */
int carrier_open(const char *pins, const char *name);

#endif
