/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine must have before anything can be attached. Each function says on standard error what is missing and what to do. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Prints "ttmctl: ..." to standard error; always -1, so that a caller can return it. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on messages go to a text instead; NULL ends that. */
void complain_into(char *text, size_t size);

bool host_kernel_at_least(int major, int minor);

/* 0 if we are root on a kernel of 5.10 or newer. */
int host_check(void);

/* Where the machine's cgroup v2 tree is mounted; false if it is not. */
bool host_cgroup_root(char *path, size_t size);

/* An open directory of the cgroup v2 tree, wanted or (NULL) its root, whose name goes to path; -1 if there is none. */
int host_open_cgroup(const char *wanted, char *path, size_t size);

/* Whether pin_directory is, or could be, on a bpf file system that is mounted; its name goes to path in any case. */
bool host_pins_ready(const char *pin_directory, char *path, size_t size);

/* 0 if pin_directory can be made on a bpf file system. Mounts the usual one, /sys/fs/bpf, when it is missing. */
int host_prepare_pins(const char *pin_directory);

/* Whether a getsockopt program may choose the error (5.18). */
bool host_errno_settable(void);

#endif
