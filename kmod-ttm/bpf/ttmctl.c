// SPDX-License-Identifier: GPL-2.0-only
/* ttmctl: attaches the eBPF carrier of TTM to a cgroup of a real server, and tells how it does. */
#include <bpf/libbpf.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"
#include "host.h"
#include "trust.h"

#define EXIT_USAGE		2
#define EXIT_NOT_ATTACHED	3	/* of status, as init scripts have it */

static const char usage[] =
	"usage: ttmctl attach [--cgroup DIR] [--pin DIR] [LIP[/LEN]...]\n"
	"       ttmctl status | upgrade | detach [--pin DIR]\n"
	"       ttmctl trust add|del LIP[/LEN]... [--pin DIR]\n"
	"       ttmctl trust list [--pin DIR]\n"
	"\n"
	"Shows applications the client behind the load balancer: accept(), getpeername(), getsockopt(fd, IPPROTO_IP, 1345).\n"
	"\n"
	"  LIP            a local address of the load balancer: only its options are believed, and without any, nobody's are\n"
	"  --cgroup DIR   whose listeners are served (default: the root of the cgroup v2 tree, so every one)\n"
	"  --pin DIR      where programs stay when ttmctl ends (default: " CARRIER_DEFAULT_PINS ")\n"
	"  --verbose      show what libbpf and the kernel say\n";

struct arguments {
	const char *cgroup;
	const char *pins;
	bool verbose;
	char **words;
	int count;
};

static int only_when_verbose(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static struct ttm_trust_key *parse_addresses(char **words, int count)
{
	struct ttm_trust_key *keys = calloc(count + 1, sizeof(*keys));

	for (int i = 0; keys && i < count; i++) {
		if (trust_parse(words[i], &keys[i]) != 0) {
			free(keys);
			return NULL;
		}
	}
	return keys;
}

static int attach(const struct arguments *arguments)
{
	struct ttm_trust_key *keys = parse_addresses(arguments->words, arguments->count);
	char name[PATH_MAX];
	int cgroup, result;

	if (!keys)
		return EXIT_USAGE;
	cgroup = host_open_cgroup(arguments->cgroup, name, sizeof(name));
	result = cgroup < 0 ? -1 : carrier_attach(arguments->pins, cgroup, name, keys, arguments->count);
	if (cgroup >= 0)
		close(cgroup);
	free(keys);
	if (result != 0)
		return EXIT_FAILURE;
	printf("attached to %s: listeners made by its processes, also ones that exist already, see the clients of new connections\n", name);
	if (arguments->count == 0)
		puts("nobody is trusted yet, so every option is ignored. Next step: ttmctl trust add LIP[/LEN]");
	return EXIT_SUCCESS;
}

static int status(const struct arguments *arguments)
{
	if (carrier_exists(arguments->pins))
		return carrier_status(arguments->pins) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	printf("not attached (%s does not exist)\n", arguments->pins);
	return EXIT_NOT_ATTACHED;
}

static int trust(const struct arguments *arguments)
{
	const char *verb = arguments->count > 0 ? arguments->words[0] : "";
	bool list = strcmp(verb, "list") == 0, add = strcmp(verb, "add") == 0;
	int count = arguments->count - 1;
	struct ttm_trust_key *keys;
	int map, result = 0;

	if ((!list && !add && strcmp(verb, "del") != 0) || (list ? count != 0 : count < 1)) {
		complain("write: ttmctl trust list, or: ttmctl trust add|del LIP[/LEN]...");
		return EXIT_USAGE;
	}
	keys = parse_addresses(arguments->words + 1, count);
	if (!keys)
		return EXIT_USAGE;
	map = carrier_open(arguments->pins, "trusted");
	if (map < 0)
		result = -1;
	else if (list && trust_print(map, "") == 0)
		complain("the trusted list is empty: nobody is trusted, so every option is ignored.");
	for (int i = 0; i < count && result == 0; i++)
		result = add ? trust_add(map, &keys[i]) : trust_remove(map, &keys[i]);
	if (map >= 0)
		close(map);
	free(keys);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int upgrade(const struct arguments *arguments)
{
	if (carrier_upgrade(arguments->pins) != 0)
		return EXIT_FAILURE;
	puts("upgraded in place: open connections keep their clients");
	return EXIT_SUCCESS;
}

static int detach(const struct arguments *arguments)
{
	if (carrier_detach(arguments->pins) != 0)
		return EXIT_FAILURE;
	puts("detached: accept() and getpeername() return the load balancer's address again");
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(const struct arguments *arguments);
	bool takes_words;
} commands[] = {
	{ "attach", attach, true },
	{ "status", status, false },
	{ "trust", trust, true },
	{ "upgrade", upgrade, false },
	{ "detach", detach, false },
};

static bool parse_options(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{ "cgroup", required_argument, NULL, 'c' },
		{ "pin", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:p:vh", options, NULL)) != -1) {
		switch (option) {
		case 'c': arguments->cgroup = optarg; break;
		case 'p': arguments->pins = optarg; break;
		case 'v': arguments->verbose = true; break;
		case 'h': fputs(usage, stdout); exit(EXIT_SUCCESS);
		default: return false;
		}
	}
	arguments->words = argv + optind;
	arguments->count = argc - optind;
	return true;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .pins = CARRIER_DEFAULT_PINS };

	if (!parse_options(argc, argv, &arguments) || arguments.count == 0) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(arguments.words[0], commands[i].name) != 0)
			continue;
		arguments.words++;
		arguments.count--;
		if (!commands[i].takes_words && arguments.count > 0) {
			complain("%s takes no '%s'.", commands[i].name, arguments.words[0]);
			return EXIT_USAGE;
		}
		if (host_check() != 0)
			return EXIT_FAILURE;
		if (!arguments.verbose)
			libbpf_set_print(only_when_verbose);
		return commands[i].run(&arguments);
	}
	complain("there is no command '%s'.\n%s", arguments.words[0], usage);
	return EXIT_USAGE;
}
