// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "carrier.h"
#include "host.h"
#include "json.h"
#include "selfcheck.h"

#define ITEMS_MAX	16

enum verdict { GOOD, BAD, UNKNOWN };

static const char *const verdict_names[] = { "ok", "failed", "not tried" };

static struct item {
	const char *name;
	enum verdict verdict;
	char found[512];
	const char *next;
} items[ITEMS_MAX];
static int item_count;

static void __attribute__((format(printf, 4, 5))) note(const char *name, enum verdict verdict, const char *next, const char *format, ...)
{
	struct item *item = &items[item_count++];
	va_list arguments;

	item->name = name;
	item->verdict = verdict;
	item->next = verdict == GOOD ? NULL : next;
	va_start(arguments, format);
	vsnprintf(item->found, sizeof(item->found), format, arguments);
	va_end(arguments);
}

/* The line stays what it was if there is no such file. */
static void read_first_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");

	if (file && fgets(line, size, file))
		line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void check_kernel(void)
{
	struct utsname kernel;

	uname(&kernel);
	note("kernel", host_kernel_at_least(5, 10) ? GOOD : BAD, "use the kernel module instead: kmod-ttm/README.md",
	     host_kernel_at_least(5, 18) ? "%s" : "%s: before 5.18 a missing client is ENOPROTOOPT instead of ENOENT", kernel.release);
}

static unsigned long long effective_capabilities(void)
{
	unsigned long long capabilities = 0;
	char line[256];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "CapEff: %llx", &capabilities) == 1)
			break;
	}
	if (status)
		fclose(status);
	return capabilities;
}

static void check_capabilities(void)
{
	static const struct { int bit; const char *name; } needed[] = {
		{ CAP_BPF, "CAP_BPF" }, { CAP_NET_ADMIN, "CAP_NET_ADMIN" }, { CAP_PERFMON, "CAP_PERFMON" },
	};
	unsigned long long have = effective_capabilities();
	char missing[128] = "";

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		/* The kernel takes CAP_SYS_ADMIN for each of them. */
		if (!(have >> needed[i].bit & 1) && !(have >> CAP_SYS_ADMIN & 1))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s", needed[i].name);
	}
	note("capabilities", *missing ? BAD : GOOD, "run it as root of the host, outside of any container",
	     *missing ? "without%s" : "all that are needed%s", missing);
}

static void check_cgroup(void)
{
	char root[PATH_MAX];

	if (host_cgroup_root(root, sizeof(root)))
		note("cgroup v2", GOOD, NULL, "mounted on %s", root);
	else
		note("cgroup v2", BAD, "mount -t cgroup2 none /sys/fs/cgroup (beside version 1: mkdir /sys/fs/cgroup/unified, and there)",
		     "not mounted");
}

/* Until 5.15 a socket had room for one of the two: version 2, or the class of net_cls and net_prio. */
static void check_version1(void)
{
	char line[1024];
	bool mounted = false;
	FILE *mounts = fopen("/proc/self/mounts", "re");

	while (mounts && fgets(line, sizeof(line), mounts))
		mounted |= strstr(line, " cgroup ") && (strstr(line, "net_cls") || strstr(line, "net_prio"));
	if (mounts)
		fclose(mounts);
	note("net_cls, net_prio", mounted && !host_kernel_at_least(5, 15) ? BAD : GOOD,
	     "boot with cgroup_no_v1=net_cls,net_prio: on kernels before 5.15 sockets made after their first use are not served",
	     mounted ? "version 1 controllers are mounted" : "not mounted");
}

static void check_bpf_file_system(const char *pins)
{
	char where[PATH_MAX];

	if (host_pins_ready(pins, where, sizeof(where)))
		note("bpf file system", GOOD, NULL, "mounted on %s", where);
	else if (access("/sys/fs/bpf", F_OK) == 0)
		note("bpf file system", GOOD, NULL, "not mounted on %s; 'ttmctl attach' mounts it on /sys/fs/bpf, which takes CAP_SYS_ADMIN", where);
	else
		note("bpf file system", BAD, "this kernel needs CONFIG_BPF_SYSCALL, and sysfs on /sys", "no directory /sys/fs/bpf");
}

/* Neither is needed, and neither is in the way. Named, because they are what people suspect first. */
static void note_suspects(void)
{
	char lockdown[64] = "[not in this kernel, or securityfs is not mounted]";	/* the mode is between brackets */
	unsigned char variable[5] = {};
	int fd = open("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", O_RDONLY | O_CLOEXEC);
	const char *secure_boot = fd < 0 ? "unknown" : read(fd, variable, 5) == 5 && variable[4] ? "on" : "off";
	const char *mode;

	if (fd >= 0)
		close(fd);
	read_first_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	mode = strchr(lockdown, '[') ? strchr(lockdown, '[') + 1 : lockdown;
	note("lockdown", GOOD, NULL, "%.*s; Secure Boot: %s. The programs read no kernel memory, so neither is in the way",
	     (int)strcspn(mode, "]"), mode, secure_boot);
	note("kernel BTF", GOOD, NULL, "%s; the programs bring their own",
	     access("/sys/kernel/btf/vmlinux", F_OK) == 0 ? "there, not needed" : "not there, not needed");
}

/* Notes what a step of the carrier says about itself. */
static bool try(const char *name, const char *next, int (*step)(void), const char *good)
{
	char complaint[sizeof(items[0].found)] = "";
	int result;

	complain_into(complaint, sizeof(complaint));
	result = step();
	complain_into(NULL, 0);
	note(name, result == 0 ? GOOD : BAD, next, "%s", result == 0 ? good : complaint);
	return result == 0;
}

/* What happened while the programs were attached; noted afterwards, in order. */
static struct selfcheck carried;

static int carry(int cgroup)
{
	carried = selfcheck(cgroup);
	return 0;
}

static int attach_for_a_moment(void)
{
	static struct settings settings;
	char root[PATH_MAX], path[PATH_MAX + 32];
	int cgroup, result;

	settings_init(&settings);
	settings_trust(&settings, SELFCHECK_TRUSTED);
	if (!host_cgroup_root(root, sizeof(root)))
		return complain("there is no cgroup v2 tree.");
	snprintf(path, sizeof(path), "%s/ttmctl-check-%d", root, getpid());
	if (mkdir(path, 0755) != 0)
		return complain("cannot make the cgroup %s: %s.", path, strerror(errno));
	cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = cgroup < 0 ? complain("cannot open %s: %s.", path, strerror(errno)) : carrier_try(cgroup, path, &settings, carry);
	if (cgroup >= 0)
		close(cgroup);
	if (rmdir(path) != 0)
		fprintf(stderr, "ttmctl: cannot remove the cgroup %s: %s.\n", path, strerror(errno));
	return result;
}

static void check_programs(void)
{
	if (!try("load", "--verbose shows what the kernel says. EPERM: not the host, or a security module or seccomp filter is against it",
		 carrier_load_only, "the verifier takes the programs"))
		return;
	if (!try("attach", "'bpftool cgroup tree' shows what is attached already; in a container: run it on the host",
		 attach_for_a_moment, "to a cgroup made for this check, and away again"))
		return;
	if (!carried.tried)
		note("carry", UNKNOWN, "'modprobe tun', and check again as root of the host; or try with a real load balancer", "%s", carried.found);
	else
		note("carry", carried.carried ? GOOD : BAD, "please report this, with the kernel's version", "%s", carried.found);
}

static int report(bool json)
{
	int bad = 0;

	for (int i = 0; i < item_count; i++)
		bad += items[i].verdict == BAD;
	if (json) {
		json_open(NULL, '{');
		json_bool("canCarry", bad == 0);
		json_open("items", '[');
	}
	for (const struct item *item = items; item < items + item_count; item++) {
		if (json) {
			json_open(NULL, '{');
			json_text("name", item->name);
			json_text("verdict", verdict_names[item->verdict]);
			json_text("found", item->found);
			json_text("nextStep", item->next);
			json_close('}');
			continue;
		}
		printf("%-9s %-18s %s\n", verdict_names[item->verdict], item->name, item->found);
		if (item->next)
			printf("%-9s %-18s next step: %s\n", "", "", item->next);
	}
	if (json) {
		json_close(']');
		json_close('}');
	} else {
		puts(bad ? "this machine cannot carry yet" : "this machine can carry");
	}
	return bad ? -1 : 0;
}

int check_machine(const char *pins, bool json)
{
	check_kernel();
	check_capabilities();
	check_cgroup();
	check_version1();
	check_bpf_file_system(pins);
	note_suspects();
	check_programs();
	note("attached", GOOD, NULL, carrier_exists(pins) ? "yes: ttmctl status" : "not yet: ttmctl attach LIP...");
	return report(json);
}
