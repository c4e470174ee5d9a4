// SPDX-License-Identifier: GPL-2.0-only
#include "namespace.h"

#include <linux/atomic.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "capture.h"
#include "clients.h"
#include "getname.h"
#include "pending.h"
#include "trusted.h"

#define PROC_NAME "sluice_ttm"

unsigned int ttm_net_id;
static atomic64_t last_id;

static u64 sum_of(const struct ttm_namespace *namespace, enum ttm_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(namespace->counts, cpu)->value[counter];
	return sum;
}

static int show_counters(struct seq_file *file, void *unused)
{
	const struct ttm_namespace *namespace = ttm_namespace(seq_file_single_net(file));

#define SHOW_COUNTER(id, name, meaning) seq_printf(file, name " %llu\n", sum_of(namespace, TTM_COUNT_##id));
	TTM_COUNTERS(SHOW_COUNTER)
#undef SHOW_COUNTER
	seq_printf(file, "clients_now %d\n", ttm_clients_now());
	seq_printf(file, "pending_now %d\n", ttm_pending_now());
	seq_printf(file, "getname_missed %lu\n", ttm_getname_missed());
	seq_printf(file, "getname_works %d\n", ttm_getname_works());
	seq_printf(file, "trusted_networks %u\n", ttm_trusted_count());
	return 0;
}

static int __net_init namespace_init(struct net *net)
{
	struct ttm_namespace *namespace = ttm_namespace(net);
	int error;

	namespace->id = atomic64_inc_return(&last_id);
	namespace->counts = alloc_percpu(struct ttm_counts);
	if (!namespace->counts)
		return -ENOMEM;
	error = -ENOMEM;
	if (!proc_create_net_single(PROC_NAME, 0444, net->proc_net, show_counters, NULL))
		goto no_proc;
	error = ttm_capture_start(net);
	if (error)
		goto no_capture;
	return 0;

no_capture:
	remove_proc_entry(PROC_NAME, net->proc_net);
no_proc:
	free_percpu(namespace->counts);
	return error;
}

/* The kernel waits for running hooks between the two steps of an exit, so nothing counts any more when the counters are freed. */
static void __net_exit namespace_pre_exit(struct net *net)
{
	remove_proc_entry(PROC_NAME, net->proc_net);
	ttm_capture_stop(net);
}

static void __net_exit namespace_exit(struct net *net)
{
	struct ttm_namespace *namespace = ttm_namespace(net);

	ttm_pending_purge(namespace->id);
	ttm_clients_purge(namespace->id);
	free_percpu(namespace->counts);
}

static struct pernet_operations operations = {
	.init = namespace_init,
	.pre_exit = namespace_pre_exit,
	.exit = namespace_exit,
	.id = &ttm_net_id,
	.size = sizeof(struct ttm_namespace),
};

int ttm_namespaces_start(void)
{
	return register_pernet_subsys(&operations);
}

void ttm_namespaces_stop(void)
{
	unregister_pernet_subsys(&operations);
}
