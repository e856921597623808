/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - options that set a member of a command's own struct, as a table
 *
 * What such an option wants is checked, and complained about, in one place.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

enum sg_option_kind {
	SG_OPTION_FLAG,		/* a bool, set to true */
	SG_OPTION_TEXT,		/* a const char *, the argument itself */
	SG_OPTION_NUMBER,	/* a uint64_t from @low to @high */
};

/** struct sg_option - @key as argp knows it; @name for complaints; 0 as @key ends a table */
struct sg_option {
	int key;
	enum sg_option_kind kind;
	size_t offset;
	const char *name;
	uint64_t low, high;
};

#define SG_FLAG(key, type, member) { key, SG_OPTION_FLAG, offsetof(type, member), NULL, 0, 0 }
#define SG_TEXT(key, type, member) { key, SG_OPTION_TEXT, offsetof(type, member), NULL, 0, 0 }
#define SG_NUMBER(key, name, low, high, type, member) \
	{ key, SG_OPTION_NUMBER, offsetof(type, member), name, low, high }

/**
 * sg_option_set - set the member of @options that @key stands for
 *
 * Returns 0, EINVAL if @arg is no such number (that was said), or
 * ARGP_ERR_UNKNOWN if @key is not in @table.
 */
error_t sg_option_set(const struct sg_option *table, void *options, int key, const char *arg);

#endif
