// SPDX-License-Identifier: GPL-2.0-only
#include "carrier.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "trust.h"
#include "ttm.skel.h"

#define CARRIER_MAPS	6

const char *const carrier_link_names[CARRIER_LINKS] = { "sockops", "getsockopt", "getpeername4", "getpeername6" };
static const char *const map_names[CARRIER_MAPS] = { "clients", "trusted", "counters", "kinds", "multipath", "strangers" };

static void pin_path(char *path, const char *pins, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", pins, name);
}

static void list_maps(const struct ttm *carrier, struct bpf_map *maps[CARRIER_MAPS])
{
	maps[0] = carrier->maps.clients;
	maps[1] = carrier->maps.trusted;
	maps[2] = carrier->maps.counters;
	maps[3] = carrier->maps.kinds;
	maps[4] = carrier->maps.multipath;
	maps[5] = carrier->maps.strangers;
}

static void list_programs(const struct ttm *carrier, struct bpf_program *programs[CARRIER_LINKS])
{
	programs[0] = carrier->progs.ttm_sockops;
	programs[1] = carrier->progs.ttm_getsockopt;
	programs[2] = carrier->progs.ttm_getpeername4;
	programs[3] = carrier->progs.ttm_getpeername6;
}

bool carrier_exists(const char *pins)
{
	return access(pins, F_OK) == 0;
}

int carrier_open(const char *pins, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (!carrier_exists(pins))
		return complain("nothing is attached: %s does not exist. Attach first: ttmctl attach LIP...", pins);
	pin_path(path, pins, name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return complain("cannot open %s: %s. Detach and attach again.", path, strerror(errno));
	return fd;
}

static struct ttm *open_programs(void)
{
	struct ttm *carrier = ttm__open();

	if (carrier)
		carrier->rodata->errno_settable = host_errno_settable();
	else
		complain("the programs inside this loader cannot be read: %s. Build it again: make clean all", strerror(errno));
	return carrier;
}

static int load_programs(struct ttm *carrier)
{
	int error = ttm__load(carrier);

	if (error == -EPERM)
		return complain("the kernel does not let this process load eBPF programs. Is this a container? Run it on the host itself;"
				" 'ttmctl check' says what is missing.");
	if (error)
		return complain("the kernel refused the programs: %s. 'ttmctl check' says what is missing, --verbose what the kernel says.",
				strerror(-error));
	return 0;
}

static int attach_programs(struct ttm *carrier, int cgroup, const char *cgroup_name, struct bpf_link *links[CARRIER_LINKS])
{
	struct bpf_program *programs[CARRIER_LINKS];

	list_programs(carrier, programs);
	for (int i = 0; i < CARRIER_LINKS; i++) {
		links[i] = bpf_program__attach_cgroup(programs[i], cgroup);
		if (links[i])
			continue;
		if (errno == EPERM)
			return complain("cannot attach %s to %s: another program is attached there, or to a cgroup above or below it, in a"
					" mode that allows no second one. 'bpftool cgroup tree' shows it (no \"multi\" in its line).",
					carrier_link_names[i], cgroup_name);
		return complain("cannot attach %s to %s: %s.", carrier_link_names[i], cgroup_name, strerror(errno));
	}
	return 0;
}

static void remove_pins(const char *pins)
{
	char path[PATH_MAX];

	for (int i = 0; i < CARRIER_LINKS; i++) {
		pin_path(path, pins, carrier_link_names[i]);
		unlink(path);
	}
	for (int i = 0; i < CARRIER_MAPS; i++) {
		pin_path(path, pins, map_names[i]);
		unlink(path);
	}
	rmdir(pins);
}

static int pin_everything(const struct ttm *carrier, struct bpf_link *links[CARRIER_LINKS], const char *pins)
{
	struct bpf_map *maps[CARRIER_MAPS];
	char path[PATH_MAX];
	int error = mkdir(pins, 0700) == 0 ? 0 : -errno;

	list_maps(carrier, maps);
	for (int i = 0; i < CARRIER_MAPS && !error; i++) {
		pin_path(path, pins, map_names[i]);
		error = bpf_map__pin(maps[i], path);
	}
	for (int i = 0; i < CARRIER_LINKS && !error; i++) {
		pin_path(path, pins, carrier_link_names[i]);
		error = bpf_link__pin(links[i], path);
	}
	if (!error)
		return 0;
	remove_pins(pins);
	return complain("cannot pin to %s: %s.", pins, strerror(-error));
}

static int set_kinds(int map, const struct ttm_kinds *kinds)
{
	const __u32 only = 0;

	if (bpf_map_update_elem(map, &only, kinds, BPF_ANY) != 0)
		return complain("cannot set the option kinds: %s.", strerror(errno));
	return 0;
}

/* Loaded, told its settings and attached, but not pinned; or NULL. The links are to be destroyed in either case. */
static struct ttm *start(int cgroup, const char *cgroup_name, const struct settings *settings, struct bpf_link *links[CARRIER_LINKS])
{
	struct ttm *carrier = open_programs();
	int result;

	if (!carrier)
		return NULL;
	result = load_programs(carrier);
	if (result == 0)
		result = set_kinds(bpf_map__fd(carrier->maps.kinds), &settings->kinds);
	for (size_t i = 0; i < settings->trusted_count && result == 0; i++)
		result = trust_add(bpf_map__fd(carrier->maps.trusted), &settings->trusted[i]);
	if (result == 0)
		result = attach_programs(carrier, cgroup, cgroup_name, links);
	if (result == 0)
		return carrier;
	ttm__destroy(carrier);
	return NULL;
}

/* What is pinned stays; what is not goes with its last descriptor. */
static void let_go(struct ttm *carrier, struct bpf_link *links[CARRIER_LINKS])
{
	for (int i = 0; i < CARRIER_LINKS; i++)
		bpf_link__destroy(links[i]);
	ttm__destroy(carrier);
}

int carrier_attach(const char *pins, int cgroup, const char *cgroup_name, const struct settings *settings)
{
	struct bpf_link *links[CARRIER_LINKS] = {};
	struct ttm *carrier;
	int result;

	if (carrier_exists(pins))
		return complain("already attached at %s. Add addresses: ttmctl trust add; new programs: ttmctl upgrade; or detach first.", pins);
	if (host_prepare_pins(pins) != 0)
		return -1;
	carrier = start(cgroup, cgroup_name, settings, links);
	result = carrier ? pin_everything(carrier, links, pins) : -1;
	let_go(carrier, links);
	return result;
}

int carrier_load_only(void)
{
	struct ttm *carrier = open_programs();
	int result = carrier ? load_programs(carrier) : -1;

	ttm__destroy(carrier);
	return result;
}

int carrier_try(int cgroup, const char *cgroup_name, const struct settings *settings, int (*meanwhile)(int cgroup))
{
	struct bpf_link *links[CARRIER_LINKS] = {};
	struct ttm *carrier = start(cgroup, cgroup_name, settings, links);
	int result = carrier ? meanwhile(cgroup) : -1;

	let_go(carrier, links);
	return result;
}

int carrier_reload(const char *pins, const struct settings *settings)
{
	int trusted = carrier_open(pins, "trusted");
	int kinds = trusted < 0 ? -1 : carrier_open(pins, "kinds");
	int result = kinds < 0 ? -1 : set_kinds(kinds, &settings->kinds);

	if (result == 0)
		result = trust_replace(trusted, settings->trusted, settings->trusted_count);
	if (kinds >= 0)
		close(kinds);
	if (trusted >= 0)
		close(trusted);
	return result;
}

static int reuse_maps(struct ttm *carrier, const char *pins)
{
	struct bpf_map *maps[CARRIER_MAPS];

	list_maps(carrier, maps);
	for (int i = 0; i < CARRIER_MAPS; i++) {
		int fd = carrier_open(pins, map_names[i]);
		int error;

		if (fd < 0)
			return -1;
		error = bpf_map__reuse_fd(maps[i], fd);
		close(fd);
		if (error)
			return complain("the map %s of the attached version does not fit this one. Detach and attach again; connections that"
					" are open now lose their client.", map_names[i]);
	}
	return 0;
}

int carrier_upgrade(const char *pins)
{
	struct bpf_program *programs[CARRIER_LINKS];
	struct ttm *carrier = open_programs();
	int result;

	if (!carrier)
		return -1;
	result = reuse_maps(carrier, pins);
	if (result == 0)
		result = load_programs(carrier);
	list_programs(carrier, programs);
	for (int i = 0; i < CARRIER_LINKS && result == 0; i++) {
		int link = carrier_open(pins, carrier_link_names[i]);

		if (link < 0) {
			result = -1;
			break;
		}
		if (bpf_link_update(link, bpf_program__fd(programs[i]), NULL) != 0)
			result = complain("cannot replace %s: %s. The programs before it are replaced; try again, or detach and attach.",
					  carrier_link_names[i], strerror(errno));
		close(link);
	}
	ttm__destroy(carrier);
	return result;
}

int carrier_detach(const char *pins)
{
	char path[PATH_MAX];

	if (!carrier_exists(pins))
		return complain("nothing is attached: %s does not exist.", pins);
	for (int i = 0; i < CARRIER_LINKS; i++) {
		int link;

		pin_path(path, pins, carrier_link_names[i]);
		link = bpf_obj_get(path);
		if (link < 0)
			continue;
		/* Not only unpinned: a copy of the pin in another mount namespace would keep the program running. */
		if (bpf_link_detach(link) != 0 && errno != EINVAL && errno != ENOENT)
			complain("%s may still be attached: %s.", carrier_link_names[i], strerror(errno));
		close(link);
	}
	remove_pins(pins);
	if (carrier_exists(pins))
		return complain("detached, but %s is not empty: something else is pinned there.", pins);
	return 0;
}
