// SPDX-License-Identifier: GPL-2.0-only
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

static int print_links(const char *pins)
{
	int working = 0;

	for (int i = 0; i < CARRIER_LINKS; i++) {
		struct bpf_link_info information = {};
		__u32 size = sizeof(information);
		char cgroup[PATH_MAX];
		int link = carrier_open(pins, carrier_link_names[i]);

		if (link < 0)
			continue;
		if (bpf_obj_get_info_by_fd(link, &information, &size) == 0 && information.cgroup.cgroup_id
		    && name_cgroup(information.cgroup.cgroup_id, cgroup, sizeof(cgroup)))
			working++;
		else
			snprintf(cgroup, sizeof(cgroup), "nowhere: its cgroup is gone, or another program detached it");
		printf("  %-14s %s\n", carrier_link_names[i], cgroup);
		close(link);
	}
	return working;
}

static int print_trusted(const char *pins)
{
	int map = carrier_open(pins, "trusted");

	if (map < 0)
		return -1;
	puts("trusted local addresses");
	if (trust_print(map, "  ") == 0)
		puts("  none: nobody is trusted, so every option is ignored. Next step: ttmctl trust add LIP[/len]");
	close(map);
	return 0;
}

static int print_counters(const char *pins)
{
	int cpus = libbpf_num_possible_cpus();
	int map = carrier_open(pins, "counters");
	__u64 *values = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;
	int result = map < 0 || !values ? -1 : 0;

	if (result == 0)
		puts("counters");
	for (__u32 counter = 0; counter < TTM_COUNTER_TOTAL && result == 0; counter++) {
		__u64 sum = 0;

		if (bpf_map_lookup_elem(map, &counter, values) != 0)
			result = complain("cannot read the counters: %s.", strerror(errno));
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += values[cpu];
		printf("  %-14s %10llu  %s\n", counters[counter].name, (unsigned long long)sum, counters[counter].meaning);
	}
	free(values);
	if (map >= 0)
		close(map);
	return result;
}

int carrier_status(const char *pins)
{
	int working;

	printf("attached (pinned in %s)\n", pins);
	working = print_links(pins);
	if (print_trusted(pins) != 0 || print_counters(pins) != 0)
		return -1;
	if (working < CARRIER_LINKS)
		return complain("%d of %d programs are attached. Detach and attach again.", working, CARRIER_LINKS);
	return 0;
}
