/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * completion.h - what the shells are told, from the tables that the help is made of
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <argp.h>
#include <stdbool.h>

#include "cmd.h"
#include "slotgate/strv.h"

/**
 * struct completion_value - what an argument may be
 * @files:   a file
 * @folders: a folder
 * @words:   or one of these
 */
struct completion_value {
	bool files, folders;
	struct sg_strv words;
};

/** completion_value - of an argument that the help calls @arg ("LINE|FILE"); NULL is none */
struct completion_value completion_value(const char *arg);
void completion_value_deinit(struct completion_value *value);

typedef void (*completion_option_fn)(const struct argp_option *option, void *data);

/** completion_options - each option of @argp and of its children, then those that argp adds */
void completion_options(const struct argp *argp, completion_option_fn each, void *data);

/** completion_short - does @option have a letter? */
bool completion_short(const struct argp_option *option);

void completion_bash(const struct sg_cmd *commands);
void completion_zsh(const struct sg_cmd *commands);

#endif
