// SPDX-License-Identifier: GPL-2.0-only
/*
 * completion_bash.c - completion of slotgate's commands in bash
 *
 * $command is what was typed before the word at hand: "", "on", "lab", "lab run".
 * One case for what may follow it, one for the values of its options.
 */
#include <stdio.h>

#include "completion.h"
#include "slotgate/cleanup.h"

static const char head[] =
	"# bash completion of slotgate; made by \"slotgate completion bash\"\n"
	"_slotgate()\n"
	"{\n"
	"\tlocal current=$2 previous=$3 command= words= paths= value=\n"
	"\n"
	"\t# \"--option=value\" is three words here.\n"
	"\tif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $previous == = ]]; then\n"
	"\t\tprevious=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\t((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}\n";

static const char tail[] =
	"\tmapfile -t COMPREPLY < <(\n"
	"\t\tcompgen -W \"$words\" -- \"$current\"\n"
	"\t\t[[ -z $paths ]] || compgen \"$paths\" -- \"$current\"\n"
	"\t)\n"
	"\t[[ -z $paths ]] || compopt -o filenames\n"
	"}\n"
	"complete -F _slotgate slotgate\n";

static void print_value(const char *arg)
{
	sg_cleanup(completion_value_deinit) struct completion_value value = completion_value(arg);

	for (size_t i = 0; i < value.words.count; i++)
		printf(" %s", value.words.items[i]);
	putchar('\'');
	if (value.files || value.folders)
		printf(" paths=-%c", value.files ? 'f' : 'd');
}

static void option_value(const struct argp_option *option, void *path)
{
	if (!option->arg)
		return;
	printf("\t'%s --%s'", (const char *)path, option->name);
	if (completion_short(option))
		printf(" | '%s -%c'", (const char *)path, option->key);
	printf(") value=1 words='");
	print_value(option->arg);
	puts(" ;;");
}

static void option_name(const struct argp_option *option, void *data)
{
	(void)data;
	printf(" --%s", option->name);
}

static void walk(const struct sg_cmd *commands, const char *context,
		 void (*each)(const struct sg_cmd *cmd, char *path))
{
	for (; commands->name; commands++) {
		sg_autofree char *path = sg_format("%s%s%s", context, *context ? " " : "",
						   commands->name);

		if (!path)
			return;
		each(commands, path);
		if (commands->commands)
			walk(commands->commands, path, each);
	}
}

static void of_commands(const struct sg_cmd *commands, const char *path)
{
	printf("\t'%s') words='", path);
	for (; commands->name; commands++)
		printf(" %s", commands->name);
	puts("' ;;");
}

static void second_word(const struct sg_cmd *cmd, char *path)
{
	if (cmd->commands)
		printf("\t[[ $command == '%s' ]] && ((COMP_CWORD > 2)) && command+=\" ${COMP_WORDS[2]}\"\n",
		       path);
}

static void values(const struct sg_cmd *cmd, char *path)
{
	if (cmd->argp)
		completion_options(cmd->argp, option_value, path);
}

static void words(const struct sg_cmd *cmd, char *path)
{
	if (cmd->commands)
		of_commands(cmd->commands, path);
	if (!cmd->argp)
		return;
	printf("\t'%s') words='", path);
	completion_options(cmd->argp, option_name, NULL);
	print_value(cmd->args);
	puts(" ;;");
}

void completion_bash(const struct sg_cmd *commands)
{
	fputs(head, stdout);
	walk(commands, "", second_word);
	puts("\tcase \"$command $previous\" in");
	walk(commands, "", values);
	puts("\tesac\n\t[[ $value ]] || case $command in");
	of_commands(commands, "");
	walk(commands, "", words);
	puts("\tesac");
	fputs(tail, stdout);
}
