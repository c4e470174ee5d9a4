// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(format) KBUILD_MODNAME ": " format

#include "params.h"

#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#define NUMBER_LENGTH_MAX 12

struct ttm_kinds ttm_kinds = { .count = 2, .kind = { TTM_OPTION_KIND, TTM_OPTION_KIND_OLD6 } };
unsigned int ttm_sockopt = TTM_SO_GET_PEER;
unsigned int ttm_max_pending = 16384;
unsigned int ttm_pending_seconds = 10;
unsigned int ttm_max_clients = 262144;

struct ranged {
	unsigned int *value;
	unsigned int min, max;
};

static int parse_ranged(const char *name, const char *text, unsigned int min, unsigned int max, unsigned int *value)
{
	unsigned int number;

	if (kstrtouint(text, 0, &number) != 0 || number < min || number > max) {
		pr_err("%s=%.64s: must be a number of %u to %u\n", name, text, min, max);
		return -EINVAL;
	}
	*value = number;
	return 0;
}

static int set_ranged(const char *text, const struct kernel_param *param)
{
	const struct ranged *ranged = param->arg;

	return parse_ranged(param->name, text, ranged->min, ranged->max, ranged->value);
}

static int get_ranged(char *buffer, const struct kernel_param *param)
{
	const struct ranged *ranged = param->arg;

	return scnprintf(buffer, PAGE_SIZE, "%u\n", *ranged->value);
}

static const struct kernel_param_ops ranged_operations = { .set = set_ranged, .get = get_ranged };

#define TTM_RANGED(name, lowest, highest, description) \
	static struct ranged name##_range = { .value = &ttm_##name, .min = lowest, .max = highest }; \
	module_param_cb(name, &ranged_operations, &name##_range, 0444); \
	MODULE_PARM_DESC(name, description)

static int set_kinds(const char *text, const struct kernel_param *param)
{
	struct ttm_kinds kinds = { .count = 0 };
	char word[NUMBER_LENGTH_MAX];

	while (*text) {
		size_t length = strcspn(text, ",\n");
		unsigned int kind;

		if (kinds.count == TTM_KINDS_MAX || length >= sizeof(word)) {
			pr_err("kinds: must be 1 to %d numbers with commas between them\n", TTM_KINDS_MAX);
			return -EINVAL;
		}
		memcpy(word, text, length);
		word[length] = '\0';
		if (parse_ranged(param->name, word, TTM_KIND_MIN, TTM_KIND_MAX, &kind) != 0)
			return -EINVAL;
		kinds.kind[kinds.count++] = kind;
		text += length;
		text += *text != '\0';
	}
	if (kinds.count == 0) {
		pr_err("kinds: must be 1 to %d numbers with commas between them\n", TTM_KINDS_MAX);
		return -EINVAL;
	}
	ttm_kinds = kinds;
	return 0;
}

static int get_kinds(char *buffer, const struct kernel_param *param)
{
	int length = 0;
	unsigned int i;

	for (i = 0; i < ttm_kinds.count; i++)
		length += scnprintf(buffer + length, PAGE_SIZE - length, "%s%u", i ? "," : "", ttm_kinds.kind[i]);
	return length + scnprintf(buffer + length, PAGE_SIZE - length, "\n");
}

static const struct kernel_param_ops kinds_operations = { .set = set_kinds, .get = get_kinds };

module_param_cb(kinds, &kinds_operations, NULL, 0444);
MODULE_PARM_DESC(kinds, "TCP option kinds that carry a client, 1 to 8 of 35 to 254; 253 only for IPv6 (default 254,253)");

TTM_RANGED(sockopt, 256, 65535, "getsockopt() number at level IPPROTO_IP, 256 to 65535 (default 1345)");
TTM_RANGED(max_pending, 64, 1048576, "options of handshakes that are not completed yet, 64 to 1048576 (default 16384)");
TTM_RANGED(pending_seconds, 1, 120, "how long such an option waits, 1 to 120 (default 10)");
TTM_RANGED(max_clients, 1024, 16777216, "connections from trusted addresses, 1024 to 16777216 (default 262144)");
