// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>

#define ENTRIES_PER_BUCKET 4

int ttm_table_create(struct ttm_table *table, unsigned int limit)
{
	unsigned int buckets = roundup_pow_of_two(DIV_ROUND_UP(limit, ENTRIES_PER_BUCKET));
	unsigned int i;

	table->buckets = kvcalloc(buckets, sizeof(*table->buckets), GFP_KERNEL);
	if (!table->buckets)
		return -ENOMEM;
	for (i = 0; i < buckets; i++)
		spin_lock_init(&table->buckets[i].lock);
	table->mask = buckets - 1;
	table->limit = limit;
	atomic_set(&table->count, 0);
	get_random_bytes(&table->key, sizeof(table->key));
	return 0;
}

void ttm_table_free(struct ttm_table *table)
{
	WARN_ON(ttm_table_count(table) != 0);
	kvfree(table->buckets);
}

struct ttm_bucket *ttm_table_bucket(const struct ttm_table *table, const void *key, size_t length)
{
	return &table->buckets[siphash(key, length, &table->key) & table->mask];
}

bool ttm_table_reserve(struct ttm_table *table, int limit)
{
	if (atomic_inc_return(&table->count) <= limit)
		return true;
	atomic_dec(&table->count);
	return false;
}
