/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection of a made-up client, seen through the programs that are attached to a cgroup: by segments made by hand, over a
 * TUN device, in a network namespace of its own. Nothing of it touches the host's network.
 */
#ifndef SELFCHECK_H
#define SELFCHECK_H

#include <stdbool.h>

#define SELFCHECK_TRUSTED	"192.0.2.2"	/* where the segments come from (RFC 5737) */

struct selfcheck {
	bool tried;		/* false where there is no TUN device or no namespace to be had */
	bool carried;
	const char *found;
};

struct selfcheck selfcheck(int cgroup);

#endif
