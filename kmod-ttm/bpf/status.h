/* SPDX-License-Identifier: GPL-2.0-only */
/* "ttmctl status": where the carrier is attached, whom it believes, how many connections got their client, and why others did not. */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>

/* 0 if every program is attached; otherwise -1, with a message on standard error. */
int status_show(const char *pins, bool json);

#endif
