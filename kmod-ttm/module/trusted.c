// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include "trusted.h"

#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#define TRUSTED_MAX	512	/* as many of the shortest as one write to /sys can bring */
#define TEXT_MAX	64
#define SEPARATORS	", \n"
#define MAPPED_BITS	96

struct network {
	struct in6_addr address;
	unsigned int bits;	/* of 128, also for IPv4 */
	bool is_ipv4;
};

struct trusted_list {
	struct rcu_head rcu;
	unsigned int count;
	struct network network[];
};

static struct trusted_list __rcu *trusted;
static DEFINE_MUTEX(writers);

bool ttm_trusted(const struct in6_addr *address)
{
	bool is_ipv4 = ipv6_addr_v4mapped(address), found = false;
	const struct trusted_list *list;
	unsigned int i;

	rcu_read_lock();
	list = rcu_dereference(trusted);
	for (i = 0; list && i < list->count && !found; i++)
		found = list->network[i].is_ipv4 == is_ipv4 &&
			ipv6_prefix_equal(&list->network[i].address, address, list->network[i].bits);
	rcu_read_unlock();
	return found;
}

unsigned int ttm_trusted_count(void)
{
	const struct trusted_list *list;
	unsigned int count;

	rcu_read_lock();
	list = rcu_dereference(trusted);
	count = list ? list->count : 0;
	rcu_read_unlock();
	return count;
}

static int parse_address(const char *text, struct network *network)
{
	const char *end;
	__be32 address;

	network->is_ipv4 = in4_pton(text, -1, (u8 *)&address, -1, &end) == 1 && *end == '\0';
	if (network->is_ipv4) {
		ipv6_addr_set_v4mapped(address, &network->address);
		return 0;
	}
	if (in6_pton(text, -1, network->address.s6_addr, -1, &end) != 1 || *end != '\0') {
		pr_err("trusted: '%s' is no address. Write 10.2.0.1, 10.2.0.0/24 or fd02::/64.\n", text);
		return -EINVAL;
	}
	if (ipv6_addr_v4mapped(&network->address)) {
		pr_err("trusted: '%s' is an IPv4 address in IPv6 clothes, which no packet carries. Write the IPv4 address.\n", text);
		return -EINVAL;
	}
	return 0;
}

/* Takes 10.2.0.1, 10.2.0.0/24 or fd02::/64; the text is changed. */
static int parse_network(char *text, struct network *network)
{
	char *prefix = strchr(text, '/');
	struct in6_addr masked;
	unsigned int most;

	if (prefix)
		*prefix++ = '\0';
	if (parse_address(text, network) != 0)
		return -EINVAL;
	most = network->is_ipv4 ? 32 : 128;
	network->bits = most;
	if (prefix && (kstrtouint(prefix, 10, &network->bits) != 0 || network->bits > most)) {
		pr_err("trusted: '%s/%s' has no prefix length of 0 to %u after the slash\n", text, prefix, most);
		return -EINVAL;
	}
	if (network->is_ipv4)
		network->bits += MAPPED_BITS;
	ipv6_addr_prefix(&masked, &network->address, network->bits);
	if (!ipv6_addr_equal(&masked, &network->address)) {
		pr_err("trusted: '%s/%s' has bits behind its prefix. Clear them, or leave the prefix out for the one address.\n", text, prefix);
		return -EINVAL;
	}
	return 0;
}

static int parse_list(const char *text, struct trusted_list *list)
{
	char word[TEXT_MAX];

	for (text += strspn(text, SEPARATORS); *text; text += strspn(text, SEPARATORS)) {
		size_t length = strcspn(text, SEPARATORS);

		if (list->count == TRUSTED_MAX || length >= sizeof(word)) {
			pr_err("trusted: at most %d addresses or networks, with commas between them\n", TRUSTED_MAX);
			return -EINVAL;
		}
		memcpy(word, text, length);
		word[length] = '\0';
		if (parse_network(word, &list->network[list->count]) != 0)
			return -EINVAL;
		list->count++;
		text += length;
	}
	return 0;
}

static int set_trusted(const char *text, const struct kernel_param *param)
{
	struct trusted_list *list = kzalloc(struct_size(list, network, TRUSTED_MAX), GFP_KERNEL);
	int error;

	if (!list)
		return -ENOMEM;
	error = parse_list(text, list);
	if (error == 0) {
		mutex_lock(&writers);
		list = rcu_replace_pointer(trusted, list, lockdep_is_held(&writers));
		mutex_unlock(&writers);
	}
	if (list)
		kfree_rcu(list, rcu);
	return error;
}

static int get_trusted(char *buffer, const struct kernel_param *param)
{
	const struct trusted_list *list;
	const struct network *network;
	int length = 0;
	unsigned int i;

	rcu_read_lock();
	list = rcu_dereference(trusted);
	for (i = 0; list && i < list->count; i++) {
		network = &list->network[i];
		length += scnprintf(buffer + length, PAGE_SIZE - length, network->is_ipv4 ? "%s%pI4/%u" : "%s%pI6c/%u", i ? "," : "",
				    network->is_ipv4 ? (void *)&network->address.s6_addr32[3] : (void *)&network->address,
				    network->is_ipv4 ? network->bits - MAPPED_BITS : network->bits);
	}
	rcu_read_unlock();
	return length + scnprintf(buffer + length, PAGE_SIZE - length, "\n");
}

void ttm_trusted_free(void)
{
	kfree(rcu_dereference_protected(trusted, true));
}

static const struct kernel_param_ops trusted_operations = { .set = set_trusted, .get = get_trusted };

module_param_cb(trusted, &trusted_operations, NULL, 0644);
MODULE_PARM_DESC(trusted, "local addresses of load balancers whose options are believed, such as 10.2.0.1,fd02::/64 (default: nobody)");
