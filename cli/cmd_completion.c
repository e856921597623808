// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate completion bash|zsh - what a shell needs to complete slotgate's commands
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "completion.h"
#include "slotgate/kernel.h"
#include "slotgate/quiet.h"
#include "slotgate/scenario.h"

static void add_lines(struct sg_strv *words)
{
	for (size_t i = 0; sg_kernel_lines[i].name; i++)
		sg_strv_add(words, "%s", sg_kernel_lines[i].name);
}

static void add_scenarios(struct sg_strv *words)
{
	for (size_t i = 0; sg_scenarios[i]; i++)
		sg_strv_add(words, "%s", sg_scenarios[i]->name);
}

static void add_rows(struct sg_strv *words)
{
	for (const struct sg_quiet *quiet = sg_quiet_rows; quiet->row; quiet++)
		sg_strv_add(words, "%s", quiet->row);
}

/* Names that the help gives to arguments; of other names in capitals nothing is known. */
static const struct {
	const char *name;
	bool files, folders;
	void (*add)(struct sg_strv *words);
} names[] = {
	{ "FILE", true, false, NULL },
	{ "FOLDER", false, true, NULL },
	{ "DIR", false, true, NULL },
	{ "LINE", false, false, add_lines },
	{ "SCENARIO", false, false, add_scenarios },
	{ "NAME", false, false, add_scenarios },
	{ "ROW", false, false, add_rows },
};

static void add_named(struct completion_value *value, const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strlen(names[i].name) != length || strncmp(names[i].name, word, length))
			continue;
		value->files |= names[i].files;
		value->folders |= names[i].folders;
		if (names[i].add)
			names[i].add(&value->words);
	}
}

/* Words in small letters stand for themselves; options among them are offered anyway. */
struct completion_value completion_value(const char *arg)
{
	struct completion_value value = {0};
	size_t length;

	for (; arg && *arg; arg += length) {
		for (length = 0; isalnum((unsigned char)arg[length]) || arg[length] == '-'; length++)
			;
		if (islower((unsigned char)*arg))
			sg_strv_add(&value.words, "%.*s", (int)length, arg);
		else
			add_named(&value, arg, length);
		length += !length;
	}
	return value;
}

void completion_value_deinit(struct completion_value *value)
{
	sg_strv_deinit(&value->words);
}

bool completion_short(const struct argp_option *option)
{
	return option->key > ' ' && option->key < 127;
}

static void own_options(const struct argp_option *option, completion_option_fn each, void *data)
{
	for (; option && (option->name || option->key || option->doc || option->group); option++)
		if (option->name && !(option->flags & OPTION_HIDDEN))
			each(option, data);
}

void completion_options(const struct argp *argp, completion_option_fn each, void *data)
{
	static const struct argp_option added[] = {
		{ "help", 0, NULL, 0, "give this help list", 0 },
		{ "usage", 0, NULL, 0, "give a short usage message", 0 },
		{ 0 }
	};

	own_options(argp->options, each, data);
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		own_options(child->argp->options, each, data);
	own_options(added, each, data);
}

static const struct shell {
	const char *name;
	void (*print)(const struct sg_cmd *commands);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const struct shell **shell = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*shell)
		argp_error(state, "\"%s\" is one argument too many", arg);
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (!strcmp(arg, shells[i].name))
			*shell = &shells[i];
	if (!*shell)
		argp_error(state, "for bash and zsh only, not for \"%s\"", arg);
	return 0;
}

const struct argp cmd_completion_argp = {
	.parser = parse,
	.args_doc = "bash|zsh",
	.doc = "Prints what bash or zsh needs to complete slotgate's commands.  The packages install it.",
};

int cmd_completion(int argc, char **argv)
{
	const struct shell *shell = NULL;

	if (argp_parse(&cmd_completion_argp, argc, argv, 0, NULL, &shell))
		return SG_EXIT_USAGE;
	if (!shell)
		return sg_cmd_fail(SG_EXIT_USAGE, "for which shell? (slotgate completion bash|zsh)");
	shell->print(sg_commands);
	return SG_EXIT_OK;
}
