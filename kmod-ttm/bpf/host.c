// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OLDEST_MAJOR	5
#define OLDEST_MINOR	10
#define USUAL_BPFFS	"/sys/fs/bpf"

static char *complaint;
static size_t complaint_size;

void complain_into(char *text, size_t size)
{
	complaint = text;
	complaint_size = size;
}

int complain(const char *format, ...)
{
	va_list arguments;

	if (complaint) {
		va_start(arguments, format);
		vsnprintf(complaint, complaint_size, format, arguments);
		va_end(arguments);
		return -1;
	}
	fputs("ttmctl: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return -1;
}

bool host_kernel_at_least(int major, int minor)
{
	struct utsname kernel;
	int has_major = 0, has_minor = 0;

	/* A version that cannot be read is taken for a new one: trying says more than refusing. */
	if (uname(&kernel) != 0 || sscanf(kernel.release, "%d.%d", &has_major, &has_minor) != 2)
		return true;
	return has_major > major || (has_major == major && has_minor >= minor);
}

int host_check(void)
{
	if (geteuid() != 0)
		return complain("loading eBPF programs needs root, and this is user %u. Try: sudo ttmctl ...", geteuid());
	if (!host_kernel_at_least(OLDEST_MAJOR, OLDEST_MINOR))
		return complain("this kernel is too old: TCP options can be read from %d.%d on. Use the kernel module instead (kmod-ttm/README.md).",
				OLDEST_MAJOR, OLDEST_MINOR);
	return 0;
}

static bool is_file_system(const char *path, unsigned long magic)
{
	struct statfs information;

	return statfs(path, &information) == 0 && (unsigned long)information.f_type == magic;
}

bool host_cgroup_root(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		found = strcmp(entry->mnt_type, "cgroup2") == 0;
		if (found)
			snprintf(path, size, "%s", entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

int host_open_cgroup(const char *wanted, char *path, size_t size)
{
	int fd;

	if (wanted)
		snprintf(path, size, "%s", wanted);
	else if (!host_cgroup_root(path, size))
		return complain("no cgroup v2 tree is mounted. Mount it: mount -t cgroup2 none /sys/fs/cgroup"
				" (where version 1 is in use: mkdir /sys/fs/cgroup/unified, and mount it there).");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return complain("cannot open the cgroup %s: %s. Make it with mkdir, below the cgroup v2 mount.", path, strerror(errno));
	if (!is_file_system(path, CGROUP2_SUPER_MAGIC)) {
		close(fd);
		return complain("%s is not a directory of a cgroup v2 tree. 'grep cgroup2 /proc/mounts' shows where that is mounted.", path);
	}
	return fd;
}

bool host_pins_ready(const char *pin_directory, char *path, size_t size)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", pin_directory);
	snprintf(path, size, "%s", dirname(copy));
	return is_file_system(path, BPF_FS_MAGIC);
}

int host_prepare_pins(const char *pin_directory)
{
	char parent[PATH_MAX];

	if (host_pins_ready(pin_directory, parent, sizeof(parent)))
		return 0;
	if (strcmp(parent, USUAL_BPFFS) != 0)
		return complain("%s is not on a bpf file system, where programs stay when their loader ends. Mount one: mount -t bpf bpf %s",
				parent, parent);
	if (mount("bpf", parent, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
		return complain("cannot mount a bpf file system on %s: %s. Does this kernel have CONFIG_BPF_SYSCALL, and is this the host"
				" (not a container)?", parent, strerror(errno));
	printf("mounted a bpf file system on %s\n", parent);
	return 0;
}

bool host_errno_settable(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_FUNC_set_retval, NULL) == 1;
}
