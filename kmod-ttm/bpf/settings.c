// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "trust.h"

#define BLANKS	" \t\r\n"

static void want_kind(struct ttm_kinds *kinds, unsigned int kind)
{
	kinds->flags[kind] = kind == TTM_OPTION_KIND_OLD6 ? TTM_KIND_WANTED : TTM_KIND_WANTED | TTM_KIND_IPV4;
}

void settings_init(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	want_kind(&settings->kinds, TTM_OPTION_KIND);
	want_kind(&settings->kinds, TTM_OPTION_KIND_OLD6);
}

int settings_trust(struct settings *settings, const char *word)
{
	if (settings->trusted_count == TTM_TRUST_MAX)
		return complain("more than %d addresses are to be trusted. Write networks instead of single addresses.", TTM_TRUST_MAX);
	if (trust_parse(word, &settings->trusted[settings->trusted_count]) != 0)
		return -1;
	settings->trusted_count++;
	return 0;
}

/* Kinds that TCP itself uses: MSS, window scale, SACK, timestamps, MD5, authentication, multipath, Fast Open. */
static bool is_taken(unsigned long kind)
{
	static const unsigned char taken[] = { 0, 1, 2, 3, 4, 5, 8, 19, 29, 30, 34 };

	return memchr(taken, (int)kind, sizeof(taken)) != NULL;
}

int settings_kinds(struct settings *settings, const char *list)
{
	struct ttm_kinds kinds = {};
	const char *word = list;

	do {
		char *rest;
		unsigned long kind;

		word += strspn(word, "," BLANKS);
		kind = strtoul(word, &rest, 10);
		if (*word < '0' || *word > '9' || kind > 255 || !strchr("," BLANKS, *rest))
			return complain("'%s' is no list of option kinds. Write numbers up to 255, such as 254,253.", list);
		if (is_taken(kind))
			return complain("option kind %lu belongs to TCP itself. The load balancer's is 254 or 253, unless it was set otherwise.",
					kind);
		want_kind(&kinds, kind);
		word = rest + strspn(rest, "," BLANKS);
	} while (*word);
	settings->kinds = kinds;
	return 0;
}

static int read_line(struct settings *settings, char *line)
{
	char *rest, *word;
	int result = 0;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (!word)
		return 0;
	if (strcmp(word, "kinds") == 0)
		return settings_kinds(settings, rest);
	if (strcmp(word, "cgroup") == 0) {
		word = strtok_r(NULL, BLANKS, &rest);
		if (!word || strtok_r(NULL, BLANKS, &rest))
			return complain("'cgroup' needs one directory.");
		snprintf(settings->cgroup, sizeof(settings->cgroup), "%s", word);
		return 0;
	}
	if (strcmp(word, "trust") != 0)
		return complain("there is no setting '%s'. There are: trust, kinds, cgroup.", word);
	while (result == 0 && (word = strtok_r(NULL, BLANKS, &rest)))
		result = settings_trust(settings, word);
	return result;
}

int settings_read(struct settings *settings, const char *file)
{
	FILE *lines = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	int number = 0, result = 0;

	if (!lines)
		return complain("cannot read %s: %s.", file, strerror(errno));
	while (result == 0 && getline(&line, &size, lines) >= 0) {
		number++;
		result = read_line(settings, line);
	}
	if (result != 0)
		complain("that was line %d of %s. Nothing was changed.", number, file);
	free(line);
	fclose(lines);
	return result;
}

void kinds_format(const struct ttm_kinds *kinds, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (int kind = 255; kind >= 0 && length < size; kind--) {
		if (kinds->flags[kind])
			length += snprintf(text + length, size - length, "%s%d%s", length ? ", " : "", kind,
					   kinds->flags[kind] & TTM_KIND_IPV4 ? "" : " (IPv6 only)");
	}
}
