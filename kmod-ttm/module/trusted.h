/* SPDX-License-Identifier: GPL-2.0-only */
/* The load balancers' local addresses: whoever is in the list can name any client. The parameter "trusted", replaced whole when written. */
#ifndef TTM_TRUSTED_H
#define TTM_TRUSTED_H

#include <linux/in6.h>
#include <linux/types.h>

/* An IPv4 address comes as ::ffff:a.b.c.d. The families are apart: ::/0 does not mean every IPv4 address. */
bool ttm_trusted(const struct in6_addr *address);

unsigned int ttm_trusted_count(void);
void ttm_trusted_free(void);

#endif
