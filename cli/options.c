// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - options that set a member of a command's own struct
 */
#include <errno.h>
#include <stdbool.h>

#include "cmd.h"
#include "options.h"
#include "slotgate/number.h"

static error_t set_number(const struct sg_option *option, uint64_t *place, const char *arg)
{
	if (!sg_number_parse(arg, option->low, option->high, place))
		return 0;
	sg_cmd_fail(0, "--%s wants a number from %llu to %llu, not \"%s\"", option->name,
		    (unsigned long long)option->low, (unsigned long long)option->high, arg);
	return EINVAL;
}

static error_t set(const struct sg_option *option, void *place, const char *arg)
{
	switch (option->kind) {
	case SG_OPTION_FLAG:
		*(bool *)place = true;
		return 0;
	case SG_OPTION_TEXT:
		*(const char **)place = arg;
		return 0;
	case SG_OPTION_NUMBER:
		return set_number(option, place, arg);
	}
	return ARGP_ERR_UNKNOWN;
}

error_t sg_option_set(const struct sg_option *table, void *options, int key, const char *arg)
{
	for (; table->key; table++)
		if (table->key == key)
			return set(table, (char *)options + table->offset, arg);
	return ARGP_ERR_UNKNOWN;
}
