// SPDX-License-Identifier: GPL-2.0-only
#include "clients.h"

#include <linux/rculist.h>
#include <linux/slab.h>

#include "params.h"
#include "table.h"

struct client {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct sock *sk;		/* an identity: never followed */
	struct ttm_tuple tuple;		/* a socket can be disconnected and become another connection */
	struct ttm_peer peer;		/* af is written last and read first; 0 while waiting */
};

static struct ttm_table table;

static struct ttm_bucket *bucket_of(const struct sock *sk)
{
	return ttm_table_bucket(&table, &sk, sizeof(sk));
}

/* Under RCU or the bucket's lock. */
static struct client *find(struct ttm_bucket *bucket, const struct sock *sk)
{
	struct client *client;

	hlist_for_each_entry_rcu(client, &bucket->entries, node, lockdep_is_held(&bucket->lock))
		if (client->sk == sk)
			return client;
	return NULL;
}

static void remove(struct client *client)
{
	hlist_del_rcu(&client->node);
	kfree_rcu(client, rcu);
	ttm_table_release(&table);
}

int ttm_clients_add(const struct sock *sk, const struct ttm_tuple *tuple)
{
	struct ttm_bucket *bucket = bucket_of(sk);
	struct client *client, *old;

	if (!ttm_table_reserve(&table, table.limit))
		return -ENOSPC;
	client = kzalloc(sizeof(*client), GFP_ATOMIC);
	if (!client) {
		ttm_table_release(&table);
		return -ENOMEM;
	}
	client->sk = sk;
	client->tuple = *tuple;
	spin_lock_bh(&bucket->lock);
	old = find(bucket, sk);
	if (old)
		remove(old);
	hlist_add_head_rcu(&client->node, &bucket->entries);
	spin_unlock_bh(&bucket->lock);
	ttm_count(ttm_namespace(sock_net(sk)), TTM_COUNT_ATTACHED);
	if (old)
		ttm_count(ttm_namespace(sock_net(sk)), TTM_COUNT_DESTROYED);
	return 0;
}

bool ttm_clients_is_waiting(const struct sock *sk, const struct ttm_tuple *tuple)
{
	struct client *client;
	bool is_waiting;

	rcu_read_lock();
	client = find(bucket_of(sk), sk);
	is_waiting = client && READ_ONCE(client->peer.af) == 0 && ttm_tuple_equal(&client->tuple, tuple);
	rcu_read_unlock();
	return is_waiting;
}

bool ttm_clients_learn(const struct sock *sk, const struct ttm_tuple *tuple, const struct ttm_peer *peer)
{
	struct ttm_bucket *bucket = bucket_of(sk);
	struct client *client;
	bool learned;

	spin_lock_bh(&bucket->lock);
	client = find(bucket, sk);
	learned = client && client->peer.af == 0 && ttm_tuple_equal(&client->tuple, tuple);
	if (learned) {
		client->peer.port = peer->port;
		memcpy(client->peer.all, peer->all, sizeof(peer->all));
		smp_store_release(&client->peer.af, peer->af);
	}
	spin_unlock_bh(&bucket->lock);
	return learned;
}

bool ttm_clients_peer(const struct sock *sk, struct ttm_peer *peer)
{
	struct ttm_tuple tuple;
	struct client *client;

	ttm_tuple_of_socket(&tuple, sk);
	peer->af = 0;
	rcu_read_lock();
	client = find(bucket_of(sk), sk);
	if (client && ttm_tuple_equal(&client->tuple, &tuple)) {
		peer->af = smp_load_acquire(&client->peer.af);
		peer->port = client->peer.port;
		memcpy(peer->all, client->peer.all, sizeof(peer->all));
	}
	rcu_read_unlock();
	return peer->af != 0;
}

void ttm_clients_remove(const struct sock *sk)
{
	struct ttm_bucket *bucket = bucket_of(sk);
	struct client *client;

	/* Most sockets of a host have none; only the owner of the socket adds one, so it cannot appear meanwhile. */
	if (hlist_empty(&bucket->entries))
		return;
	spin_lock_bh(&bucket->lock);
	client = find(bucket, sk);
	if (client) {
		ttm_count(ttm_namespace(sock_net(sk)), TTM_COUNT_DESTROYED);
		remove(client);
	}
	spin_unlock_bh(&bucket->lock);
}

void ttm_clients_purge(u64 namespace)
{
	struct ttm_bucket *bucket;
	struct client *client;
	struct hlist_node *next;

	if (ttm_clients_now() == 0)
		return;
	ttm_table_for_each_bucket(bucket, &table) {
		spin_lock_bh(&bucket->lock);
		hlist_for_each_entry_safe(client, next, &bucket->entries, node)
			if (client->tuple.namespace == namespace)
				remove(client);
		spin_unlock_bh(&bucket->lock);
	}
}

int ttm_clients_now(void)
{
	return ttm_table_count(&table);
}

int ttm_clients_create(void)
{
	return ttm_table_create(&table, ttm_max_clients);
}

void ttm_clients_free(void)
{
	ttm_table_free(&table);
}
