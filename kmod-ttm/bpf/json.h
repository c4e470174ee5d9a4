/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes one JSON document to standard output, from its first member to its last. A key of NULL stands for an element of an array. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>

void json_open(const char *key, char bracket);		/* { or [ */
void json_close(char bracket);				/* } or ]; the last one ends the line */
void json_text(const char *key, const char *value);	/* NULL is null */
void json_number(const char *key, unsigned long long value);
void json_bool(const char *key, bool value);

#endif
