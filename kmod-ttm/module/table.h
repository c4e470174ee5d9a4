/* SPDX-License-Identifier: GPL-2.0-only */
/* A hash table of a fixed size with a bound on its entries, and one lock per bucket. What the entries are is their owner's business. */
#ifndef TTM_TABLE_H
#define TTM_TABLE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>

struct ttm_bucket {
	spinlock_t lock;	/* taken with bottom halves off: segments arrive in softirq, sockets close in processes */
	struct hlist_head entries;
};

struct ttm_table {
	struct ttm_bucket *buckets;
	unsigned int mask;
	int limit;
	atomic_t count;
	siphash_key_t key;
};

int ttm_table_create(struct ttm_table *table, unsigned int limit);

/* The entries must be gone. */
void ttm_table_free(struct ttm_table *table);

struct ttm_bucket *ttm_table_bucket(const struct ttm_table *table, const void *key, size_t length);

/* Makes room for one entry, if fewer than limit are there. */
bool ttm_table_reserve(struct ttm_table *table, int limit);

static inline void ttm_table_release(struct ttm_table *table)
{
	atomic_dec(&table->count);
}

static inline int ttm_table_count(const struct ttm_table *table)
{
	return atomic_read(&table->count);
}

#define ttm_table_for_each_bucket(bucket, table) \
	for (bucket = (table)->buckets; bucket <= (table)->buckets + (table)->mask; bucket++)

#endif
