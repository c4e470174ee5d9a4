/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's parameters, checked when they are set. All but the trusted list are fixed at load. */
#ifndef TTM_PARAMS_H
#define TTM_PARAMS_H

#include "option.h"

extern struct ttm_kinds ttm_kinds;
extern unsigned int ttm_sockopt;
extern unsigned int ttm_max_pending;
extern unsigned int ttm_pending_seconds;
extern unsigned int ttm_max_clients;

#endif
