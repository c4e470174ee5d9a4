/* SPDX-License-Identifier: GPL-2.0-only */
/* "ttmctl check": whether this machine can carry, found out by trying, item by item, with what to do about each that fails. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

/* 0 if it can. Attaches for a moment to a cgroup that it makes, and removes again. */
int check_machine(const char *pins, bool json);

#endif
