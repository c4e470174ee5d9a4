// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <stdio.h>

static int depth;
static bool first = true;

static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char byte = *text;

		if (byte < ' ')
			printf("\\u%04x", byte);
		else if (byte == '"' || byte == '\\')
			printf("\\%c", byte);
		else
			putchar(byte);
	}
	putchar('"');
}

static void begin(const char *key)
{
	if (!first)
		fputs(", ", stdout);
	first = false;
	if (key) {
		print_quoted(key);
		fputs(": ", stdout);
	}
}

void json_open(const char *key, char bracket)
{
	begin(key);
	putchar(bracket);
	first = true;
	depth++;
}

void json_close(char bracket)
{
	putchar(bracket);
	first = false;
	if (--depth == 0)
		putchar('\n');
}

void json_text(const char *key, const char *value)
{
	begin(key);
	if (value)
		print_quoted(value);
	else
		fputs("null", stdout);
}

void json_number(const char *key, unsigned long long value)
{
	begin(key);
	printf("%llu", value);
}

void json_bool(const char *key, bool value)
{
	begin(key);
	fputs(value ? "true" : "false", stdout);
}
