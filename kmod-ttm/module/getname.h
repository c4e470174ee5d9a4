/* SPDX-License-Identifier: GPL-2.0-only */
/* accept() and getpeername() show the client: return probes on the two functions of the kernel that they ask for the peer. */
#ifndef TTM_GETNAME_H
#define TTM_GETNAME_H

#include <linux/types.h>

int ttm_getname_start(void);
void ttm_getname_stop(void);

/* Calls that the kernel could not follow, because too many of them were under way at once: they have shown the local address. */
unsigned long ttm_getname_missed(void);

/* Whether the probes were seen at work when the module was loaded. */
bool ttm_getname_works(void);

#endif
