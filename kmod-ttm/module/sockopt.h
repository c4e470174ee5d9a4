/* SPDX-License-Identifier: GPL-2.0-only */
/* getsockopt(fd, IPPROTO_IP, 1345): the client in full, as sluice_wire.h describes it. */
#ifndef TTM_SOCKOPT_H
#define TTM_SOCKOPT_H

int ttm_sockopt_start(void);
void ttm_sockopt_stop(void);

#endif
