/* SPDX-License-Identifier: GPL-2.0-only */
/* The hooks behind the packet filter that see every segment for this host before TCP does. */
#ifndef TTM_CAPTURE_H
#define TTM_CAPTURE_H

#include <net/net_namespace.h>

int ttm_capture_start(struct net *net);
void ttm_capture_stop(struct net *net);

#endif
