// SPDX-License-Identifier: GPL-2.0-only
#include "status.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"
#include "host.h"
#include "json.h"
#include "trust.h"

#define HANDLE_OF_KERNFS	0xfe	/* FILEID_KERNFS in the kernel's exportfs.h: the handle is the cgroup's id */

static const struct {
	const char *name;
	const char *meaning;
} counters[] = {
#define TTM_COUNTER_TEXT(id, name, meaning) { name, meaning },
	TTM_COUNTERS(TTM_COUNTER_TEXT)
#undef TTM_COUNTER_TEXT
};

/* The directory of a cgroup, from its id; "cgroup N" if no tree is mounted here. False if it was removed: nobody is in it. */
static bool name_cgroup(__u64 id, char *name, size_t size)
{
	char root[PATH_MAX], link[64];
	struct file_handle *handle = malloc(sizeof(*handle) + sizeof(id));
	int mount = -1, directory = -1;
	bool removed = false;
	ssize_t length = -1;

	if (handle && host_cgroup_root(root, sizeof(root)))
		mount = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount >= 0) {
		handle->handle_bytes = sizeof(id);
		handle->handle_type = HANDLE_OF_KERNFS;
		memcpy(handle->f_handle, &id, sizeof(id));
		directory = open_by_handle_at(mount, handle, O_RDONLY | O_CLOEXEC);
		removed = directory < 0 && errno == ESTALE;
	}
	if (directory >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
		length = readlink(link, name, size - 1);
	}
	if (length > 0)
		name[length] = '\0';
	else
		snprintf(name, size, "cgroup %llu", (unsigned long long)id);
	if (directory >= 0)
		close(directory);
	if (mount >= 0)
		close(mount);
	free(handle);
	return !removed;
}

struct state {
	char cgroups[CARRIER_LINKS][PATH_MAX];
	bool attached[CARRIER_LINKS];
	struct ttm_trust_key trusted[TTM_TRUST_MAX];
	size_t trusted_count;
	struct ttm_trust_key strangers[TTM_STRANGERS_MAX];
	__u64 stranger_connections[TTM_STRANGERS_MAX];
	size_t stranger_count;
	struct ttm_kinds kinds;
	__u64 counters[TTM_COUNTER_TOTAL];
};

static void read_links(const char *pins, struct state *state)
{
	for (int i = 0; i < CARRIER_LINKS; i++) {
		struct bpf_link_info information = {};
		__u32 size = sizeof(information);
		int link = carrier_open(pins, carrier_link_names[i]);

		if (link < 0)
			continue;
		state->attached[i] = bpf_obj_get_info_by_fd(link, &information, &size) == 0 && information.cgroup.cgroup_id
				     && name_cgroup(information.cgroup.cgroup_id, state->cgroups[i], sizeof(state->cgroups[i]));
		close(link);
	}
}

static int read_counters(int map, struct state *state)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;
	int result = values ? 0 : -1;

	for (__u32 counter = 0; counter < TTM_COUNTER_TOTAL && result == 0; counter++) {
		if (bpf_map_lookup_elem(map, &counter, values) != 0)
			result = complain("cannot read the counters: %s.", strerror(errno));
		for (int cpu = 0; cpu < cpus; cpu++)
			state->counters[counter] += values[cpu];
	}
	free(values);
	return result;
}

static void read_strangers(int map, struct state *state)
{
	struct ttm_trust_key *previous = NULL, *next = state->strangers;

	while (state->stranger_count < TTM_STRANGERS_MAX && bpf_map_get_next_key(map, previous, next) == 0) {
		/* One that was pushed out in between has none. */
		bpf_map_lookup_elem(map, next, &state->stranger_connections[state->stranger_count++]);
		previous = next++;
	}
}

static int read_maps(const char *pins, struct state *state)
{
	static const char *const names[] = { "trusted", "kinds", "counters", "strangers" };
	enum { TRUSTED, KINDS, COUNTERS, STRANGERS, MAPS };
	int maps[MAPS] = { -1, -1, -1, -1 };
	const __u32 only = 0;
	int result = 0;

	for (int i = 0; i < MAPS && result == 0; i++) {
		maps[i] = carrier_open(pins, names[i]);
		result = maps[i] < 0 ? -1 : 0;
	}
	if (result == 0) {
		state->trusted_count = trust_read(maps[TRUSTED], state->trusted);
		read_strangers(maps[STRANGERS], state);
		result = bpf_map_lookup_elem(maps[KINDS], &only, &state->kinds);
	}
	if (result == 0)
		result = read_counters(maps[COUNTERS], state);
	for (int i = 0; i < MAPS; i++) {
		if (maps[i] >= 0)
			close(maps[i]);
	}
	return result;
}

/* Connections without their client, and what to do about it. */
struct reason {
	const char *name;
	__u64 connections;
	const char *why;
	const char *next;
};

#define REASONS	3

static void list_reasons(const struct state *state, struct reason reasons[REASONS])
{
	const __u64 *counted = state->counters;
	/* Every client that is stored late had been counted as missing before. */
	__u64 silent = counted[TTM_COUNT_NO_OPTION] - counted[TTM_COUNT_STORED_LATE];

	reasons[0] = (struct reason){ "no option", silent, "a trusted address named none",
		"'tcpdump -nv port PORT' shows 'unknown-254' on the third segment? If not: does the listener insert the option, or does "
		"something on the way remove it? If another number: set 'kinds'" };
	reasons[1] = (struct reason){ "untrusted", counted[TTM_COUNT_UNTRUSTED], "the sender is not in the trusted list",
		"if one of these is a load balancer: ttmctl trust add ADDRESS" };
	reasons[2] = (struct reason){ "no memory", counted[TTM_COUNT_NO_MEMORY], "the kernel had no memory for it",
		"'dmesg', and the memory limits of the server's cgroup" };
}

static void print_text(const char *pins, const struct state *state, const struct reason reasons[REASONS])
{
	char text[TRUST_TEXT_MAX], kinds[256];

	printf("attached (pinned in %s)\n", pins);
	for (int i = 0; i < CARRIER_LINKS; i++)
		printf("  %-14s %s\n", carrier_link_names[i],
		       state->attached[i] ? state->cgroups[i] : "nowhere: its cgroup is gone, or another program detached it");
	puts("trusted local addresses");
	for (size_t i = 0; i < state->trusted_count; i++) {
		trust_format(&state->trusted[i], text);
		printf("  %s\n", text);
	}
	if (state->trusted_count == 0)
		puts("  none: nobody is trusted, so every option is ignored. Next step: ttmctl trust add LIP[/len]");
	kinds_format(&state->kinds, kinds, sizeof(kinds));
	printf("option kinds\n  %s\nconnections since it was attached\n", kinds);
	printf("  %-14s %10llu  know their client\n", "with client", (unsigned long long)state->counters[TTM_COUNT_STORED]);
	for (int i = 0; i < REASONS; i++) {
		printf("  %-14s %10llu  do not: %s\n", reasons[i].name, (unsigned long long)reasons[i].connections, reasons[i].why);
		if (reasons[i].connections)
			printf("  %-14s %10s  next step: %s\n", "", "", reasons[i].next);
	}
	if (state->stranger_count)
		puts("untrusted senders of options, the latest ones");
	for (size_t i = 0; i < state->stranger_count; i++) {
		trust_format(&state->strangers[i], text);
		printf("  %-24s %llu connections\n", text, (unsigned long long)state->stranger_connections[i]);
	}
	puts("counters");
	for (int i = 0; i < TTM_COUNTER_TOTAL; i++)
		printf("  %-14s %10llu  %s\n", counters[i].name, (unsigned long long)state->counters[i], counters[i].meaning);
}

static void print_json(const char *pins, const struct state *state, const struct reason reasons[REASONS])
{
	char text[TRUST_TEXT_MAX];

	json_open(NULL, '{');
	json_bool("attached", true);
	json_text("pins", pins);
	json_open("cgroups", '{');
	for (int i = 0; i < CARRIER_LINKS; i++)
		json_text(carrier_link_names[i], state->attached[i] ? state->cgroups[i] : NULL);
	json_close('}');
	json_open("trusted", '[');
	for (size_t i = 0; i < state->trusted_count; i++) {
		trust_format(&state->trusted[i], text);
		json_text(NULL, text);
	}
	json_close(']');
	json_open("kinds", '[');
	for (int kind = 0; kind < 256; kind++) {
		if (state->kinds.flags[kind])
			json_number(NULL, kind);
	}
	json_close(']');
	json_number("withClient", state->counters[TTM_COUNT_STORED]);
	json_open("withoutClient", '[');
	for (int i = 0; i < REASONS; i++) {
		json_open(NULL, '{');
		json_text("reason", reasons[i].name);
		json_number("connections", reasons[i].connections);
		json_text("why", reasons[i].why);
		json_text("nextStep", reasons[i].connections ? reasons[i].next : NULL);
		json_close('}');
	}
	json_close(']');
	json_open("untrustedSenders", '[');
	for (size_t i = 0; i < state->stranger_count; i++) {
		json_open(NULL, '{');
		trust_format(&state->strangers[i], text);
		json_text("address", text);
		json_number("connections", state->stranger_connections[i]);
		json_close('}');
	}
	json_close(']');
	json_open("counters", '{');
	for (int i = 0; i < TTM_COUNTER_TOTAL; i++)
		json_number(counters[i].name, state->counters[i]);
	json_close('}');
	json_close('}');
}

int status_show(const char *pins, bool json)
{
	struct state *state = calloc(1, sizeof(*state));
	struct reason reasons[REASONS];
	int working = 0;
	int result = state ? read_maps(pins, state) : -1;

	if (result == 0) {
		read_links(pins, state);
		list_reasons(state, reasons);
		(json ? print_json : print_text)(pins, state, reasons);
		for (int i = 0; i < CARRIER_LINKS; i++)
			working += state->attached[i];
		if (working < CARRIER_LINKS)
			result = complain("%d of %d programs are attached. Detach and attach again.", working, CARRIER_LINKS);
	}
	free(state);
	return result;
}
