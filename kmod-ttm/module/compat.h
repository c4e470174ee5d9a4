/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, in one place. The TTM_... macros that it asks for are set by Kbuild after probing the headers. */
#ifndef TTM_COMPAT_H
#define TTM_COMPAT_H

#include <linux/kconfig.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "sluice_ttm needs Linux 5.10 or newer"
#endif
#ifdef CONFIG_PREEMPT_RT
#error "sluice_ttm takes spinlocks where PREEMPT_RT may not sleep: use the eBPF carrier on this kernel"
#endif
#if !defined(CONFIG_KRETPROBES) || !defined(CONFIG_TRACEPOINTS) || !defined(CONFIG_NETFILTER)
#error "sluice_ttm needs CONFIG_KPROBES, CONFIG_KRETPROBES, CONFIG_TRACEPOINTS and CONFIG_NETFILTER"
#endif

#ifdef TTM_LOOKUP_TAKES_HASHINFO
#define ttm_hashinfo(net)	(net)->ipv4.tcp_death_row.hashinfo,
#else
#define ttm_hashinfo(net)
#endif

#endif
