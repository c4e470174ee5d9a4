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
#include "check.h"
#include "host.h"
#include "status.h"
#include "trust.h"

#define EXIT_USAGE		2
#define EXIT_NOT_ATTACHED	3	/* of status, as init scripts have it */

static const char usage[] =
	"usage: ttmctl check [--json]\n"
	"       ttmctl attach [--config FILE] [--cgroup DIR] [--kinds N,...] [LIP[/LEN]...]\n"
	"       ttmctl status [--json]\n"
	"       ttmctl trust add|del LIP[/LEN]...\n"
	"       ttmctl trust list\n"
	"       ttmctl reload [--config FILE]\n"
	"       ttmctl upgrade | detach\n"
	"\n"
	"Shows applications the client behind the load balancer: accept(), getpeername(), getsockopt(fd, IPPROTO_IP, 1345).\n"
	"\n"
	"  check          whether this machine can carry, and what to do about it if not\n"
	"  upgrade        puts the programs of this ttmctl in the place of the attached ones: open connections keep their clients\n"
	"  reload         makes the trusted list and the kinds what the file says, at once\n"
	"  LIP            a local address of the load balancer: only its options are believed, and without any, nobody's are\n"
	"  --config FILE  lines \"trust LIP...\", \"kinds N...\", \"cgroup DIR\" (reload: " SETTINGS_FILE ")\n"
	"  --cgroup DIR   whose listeners are served (default: the root of the cgroup v2 tree, so every one)\n"
	"  --kinds N,...  the option kinds that name a client (default: 254,253)\n"
	"  --pin DIR      where programs stay when ttmctl ends (default: " CARRIER_DEFAULT_PINS ")\n"
	"  --verbose      show what libbpf and the kernel say\n";

struct arguments {
	const char *cgroup;
	const char *config;
	const char *kinds;
	const char *pins;
	bool json;
	bool verbose;
	char **words;
	int count;
};

static int only_when_verbose(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

/* One at a time is enough, and it is large. */
static struct settings settings;

static int read_settings(const struct arguments *arguments)
{
	settings_init(&settings);
	if (arguments->config && settings_read(&settings, arguments->config) != 0)
		return -1;
	if (arguments->kinds && settings_kinds(&settings, arguments->kinds) != 0)
		return -1;
	if (arguments->cgroup)
		snprintf(settings.cgroup, sizeof(settings.cgroup), "%s", arguments->cgroup);
	for (int i = 0; i < arguments->count; i++) {
		if (settings_trust(&settings, arguments->words[i]) != 0)
			return -1;
	}
	return 0;
}

static int check(const struct arguments *arguments)
{
	return check_machine(arguments->pins, arguments->json) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int attach(const struct arguments *arguments)
{
	char name[PATH_MAX];
	int cgroup, result;

	if (read_settings(arguments) != 0)
		return EXIT_USAGE;
	cgroup = host_open_cgroup(*settings.cgroup ? settings.cgroup : NULL, name, sizeof(name));
	result = cgroup < 0 ? -1 : carrier_attach(arguments->pins, cgroup, name, &settings);
	if (cgroup >= 0)
		close(cgroup);
	if (result != 0)
		return EXIT_FAILURE;
	printf("attached to %s: listeners made by its processes, also ones that exist already, see the clients of new connections\n", name);
	if (settings.trusted_count == 0)
		puts("nobody is trusted yet, so every option is ignored. Next step: ttmctl trust add LIP[/LEN]");
	return EXIT_SUCCESS;
}

static int status(const struct arguments *arguments)
{
	if (carrier_exists(arguments->pins))
		return status_show(arguments->pins, arguments->json) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (arguments->json)
		puts("{\"attached\": false}");
	else
		printf("not attached (%s does not exist)\n", arguments->pins);
	return EXIT_NOT_ATTACHED;
}

static void print_trusted(int map)
{
	char text[TRUST_TEXT_MAX];

	settings.trusted_count = trust_read(map, settings.trusted);
	for (size_t i = 0; i < settings.trusted_count; i++) {
		trust_format(&settings.trusted[i], text);
		puts(text);
	}
	if (settings.trusted_count == 0)
		complain("the trusted list is empty: nobody is trusted, so every option is ignored.");
}

static int trust(const struct arguments *arguments)
{
	const char *verb = arguments->count > 0 ? arguments->words[0] : "";
	bool list = strcmp(verb, "list") == 0, add = strcmp(verb, "add") == 0;
	int count = arguments->count - 1;
	int map, result = 0;

	if ((!list && !add && strcmp(verb, "del") != 0) || (list ? count != 0 : count < 1)) {
		complain("write: ttmctl trust list, or: ttmctl trust add|del LIP[/LEN]...");
		return EXIT_USAGE;
	}
	settings_init(&settings);
	for (int i = 0; i < count; i++) {
		if (settings_trust(&settings, arguments->words[i + 1]) != 0)
			return EXIT_USAGE;
	}
	map = carrier_open(arguments->pins, "trusted");
	if (map < 0)
		return EXIT_FAILURE;
	for (int i = 0; i < count && result == 0; i++)
		result = add ? trust_add(map, &settings.trusted[i]) : trust_remove(map, &settings.trusted[i]);
	if (list)
		print_trusted(map);
	close(map);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int reload(const struct arguments *arguments)
{
	settings_init(&settings);
	if (settings_read(&settings, arguments->config ? arguments->config : SETTINGS_FILE) != 0)
		return EXIT_USAGE;
	if (carrier_reload(arguments->pins, &settings) != 0)
		return EXIT_FAILURE;
	printf("%zu addresses and networks are trusted\n", settings.trusted_count);
	return EXIT_SUCCESS;
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
	{ "check", check, false },
	{ "attach", attach, true },
	{ "status", status, false },
	{ "trust", trust, true },
	{ "reload", reload, false },
	{ "upgrade", upgrade, false },
	{ "detach", detach, false },
};

static bool parse_options(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{ "cgroup", required_argument, NULL, 'c' },
		{ "config", required_argument, NULL, 'f' },
		{ "kinds", required_argument, NULL, 'k' },
		{ "json", no_argument, NULL, 'j' },
		{ "pin", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:f:k:jp:vh", options, NULL)) != -1) {
		switch (option) {
		case 'c': arguments->cgroup = optarg; break;
		case 'f': arguments->config = optarg; break;
		case 'k': arguments->kinds = optarg; break;
		case 'j': arguments->json = true; break;
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
		/* The check says itself, and more about it. */
		if (commands[i].run != check && host_check() != 0)
			return EXIT_FAILURE;
		if (!arguments.verbose)
			libbpf_set_print(only_when_verbose);
		return commands[i].run(&arguments);
	}
	complain("there is no command '%s'.\n%s", arguments.words[0], usage);
	return EXIT_USAGE;
}
