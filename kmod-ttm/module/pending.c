// SPDX-License-Identifier: GPL-2.0-only
#include "pending.h"

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "params.h"
#include "table.h"

#define STRAY_PART 4

struct pending {
	struct hlist_node node;
	struct ttm_namespace *namespace;	/* lives longer: its exit purges */
	struct ttm_tuple tuple;
	struct ttm_claim claim;
	unsigned long deadline;
};

static struct ttm_table table;

static void expire(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire);

static struct ttm_bucket *bucket_of(const struct ttm_tuple *tuple)
{
	return ttm_table_bucket(&table, tuple, sizeof(*tuple));
}

static struct pending *find(struct ttm_bucket *bucket, const struct ttm_tuple *tuple)
{
	struct pending *pending;

	hlist_for_each_entry(pending, &bucket->entries, node)
		if (ttm_tuple_equal(&pending->tuple, tuple))
			return pending;
	return NULL;
}

static void remove(struct pending *pending)
{
	hlist_del(&pending->node);
	kfree(pending);
	ttm_table_release(&table);
}

static struct pending *add(struct ttm_bucket *bucket, struct ttm_namespace *namespace, const struct ttm_tuple *tuple, bool is_stray)
{
	struct pending *pending;

	if (!ttm_table_reserve(&table, is_stray ? table.limit / STRAY_PART : table.limit)) {
		ttm_count(namespace, TTM_COUNT_PENDING_FULL);
		return NULL;
	}
	pending = kmalloc(sizeof(*pending), GFP_ATOMIC);
	if (!pending) {
		ttm_table_release(&table);
		ttm_count(namespace, TTM_COUNT_NO_MEMORY);
		return NULL;
	}
	pending->namespace = namespace;
	pending->tuple = *tuple;
	hlist_add_head(&pending->node, &bucket->entries);
	return pending;
}

void ttm_pending_put(struct net *net, const struct ttm_tuple *tuple, const struct ttm_claim *claim, bool is_stray)
{
	struct ttm_bucket *bucket = bucket_of(tuple);
	struct pending *pending;

	spin_lock_bh(&bucket->lock);
	pending = find(bucket, tuple);
	if (!pending)
		pending = add(bucket, ttm_namespace(net), tuple, is_stray);
	if (pending) {
		pending->claim = *claim;
		pending->deadline = jiffies + ttm_pending_seconds * HZ;
	}
	spin_unlock_bh(&bucket->lock);
	if (pending)
		schedule_delayed_work(&expiry, HZ);
}

bool ttm_pending_take(const struct ttm_tuple *tuple, struct ttm_claim *claim)
{
	struct ttm_bucket *bucket = bucket_of(tuple);
	struct pending *pending;

	spin_lock_bh(&bucket->lock);
	pending = find(bucket, tuple);
	if (pending) {
		*claim = pending->claim;
		remove(pending);
	}
	spin_unlock_bh(&bucket->lock);
	return pending;
}

static void expire(struct work_struct *work)
{
	struct ttm_bucket *bucket;
	struct pending *pending;
	struct hlist_node *next;

	ttm_table_for_each_bucket(bucket, &table) {
		if (hlist_empty(&bucket->entries))
			continue;
		spin_lock_bh(&bucket->lock);
		hlist_for_each_entry_safe(pending, next, &bucket->entries, node) {
			if (time_before(jiffies, pending->deadline))
				continue;
			ttm_count(pending->namespace, TTM_COUNT_PENDING_EXPIRED);
			remove(pending);
		}
		spin_unlock_bh(&bucket->lock);
		cond_resched();
	}
	if (ttm_pending_now() > 0)
		schedule_delayed_work(&expiry, HZ);
}

void ttm_pending_purge(u64 namespace)
{
	struct ttm_bucket *bucket;
	struct pending *pending;
	struct hlist_node *next;

	if (ttm_pending_now() == 0)
		return;
	ttm_table_for_each_bucket(bucket, &table) {
		spin_lock_bh(&bucket->lock);
		hlist_for_each_entry_safe(pending, next, &bucket->entries, node)
			if (pending->tuple.namespace == namespace)
				remove(pending);
		spin_unlock_bh(&bucket->lock);
	}
}

int ttm_pending_now(void)
{
	return ttm_table_count(&table);
}

int ttm_pending_create(void)
{
	return ttm_table_create(&table, ttm_max_pending);
}

void ttm_pending_free(void)
{
	cancel_delayed_work_sync(&expiry);
	ttm_table_free(&table);
}
