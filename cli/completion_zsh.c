// SPDX-License-Identifier: GPL-2.0-only
/*
 * completion_zsh.c - completion of slotgate's commands in zsh, with what the help says of each
 */
#include <stdio.h>

#include "completion.h"
#include "slotgate/cleanup.h"

static const char head[] =
	"#compdef slotgate\n"
	"# made by \"slotgate completion zsh\"\n"
	"\n"
	"# _slotgate_value PATHS WORD...: one of the words, or a path of that kind\n"
	"_slotgate_value() {\n"
	"\tlocal paths=$1\n"
	"\tshift\n"
	"\t(( $# )) && compadd -- \"$@\"\n"
	"\tcase $paths in\n"
	"\tfiles) _files ;;\n"
	"\tfolders) _files -/ ;;\n"
	"\tesac\n"
	"}\n"
	"\n";

/* Inside quotes, and inside the brackets of an option's description. */
static void print_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (*text == ':' || *text == '[' || *text == ']')
			putchar('\\');
		putchar(*text);
	}
}

static void print_value(const char *arg)
{
	sg_cleanup(completion_value_deinit) struct completion_value value = completion_value(arg);

	print_text(arg);
	printf(": _slotgate_value %s", value.files ? "files" : value.folders ? "folders" : "none");
	for (size_t i = 0; i < value.words.count; i++)
		printf(" %s", value.words.items[i]);
}

static void print_option(const struct argp_option *option, void *data)
{
	(void)data;
	printf(" \\\n\t\t\t");
	if (completion_short(option))
		printf("'(-%c --%s)'{-%c%s,--%s%s}", option->key, option->name, option->key,
		       option->arg ? "+" : "", option->name, option->arg ? "=" : "");
	else
		printf("--%s%s", option->name, option->arg ? "=" : "");
	printf("'[");
	print_text(option->doc);
	putchar(']');
	if (option->arg) {
		putchar(':');
		print_value(option->arg);
	}
	putchar('\'');
}

static void print_leaf(const struct sg_cmd *cmd)
{
	fputs("\t\t_arguments -s", stdout);
	completion_options(cmd->argp, print_option, NULL);
	if (cmd->args) {
		printf(" \\\n\t\t\t'*:");
		print_value(cmd->args);
		putchar('\'');
	}
	putchar('\n');
}

static void print_summaries(const struct sg_cmd *commands)
{
	puts("\tlocal -a list=(");
	for (const struct sg_cmd *cmd = commands; cmd->name; cmd++) {
		printf("\t\t'%s:", cmd->name);
		print_text(cmd->summary);
		puts("'");
	}
	puts("\t)");
}

static void print_case(const struct sg_cmd *cmd, const char *function)
{
	if (!cmd->argp && !cmd->commands)
		return;
	printf("\t%s)\n", cmd->name);
	if (cmd->commands)
		printf("\t\t%s_%s\n", function, cmd->name);
	else
		print_leaf(cmd);
	puts("\t\t;;");
}

/* A function for each table of commands; inside it the words begin with the command that has the table. */
static void print_function(const struct sg_cmd *commands, const char *function)
{
	for (const struct sg_cmd *cmd = commands; cmd->name; cmd++) {
		sg_autofree char *inner = sg_format("%s_%s", function, cmd->name);

		if (cmd->commands && inner)
			print_function(cmd->commands, inner);
	}
	printf("%s() {\n", function);
	print_summaries(commands);
	puts("\tif (( CURRENT == 2 )); then\n\t\t_describe command list\n\t\treturn\n\tfi\n"
	     "\tshift words\n\t(( CURRENT-- ))\n\tcase $words[1] in");
	for (const struct sg_cmd *cmd = commands; cmd->name; cmd++)
		print_case(cmd, function);
	puts("\tesac\n}\n");
}

void completion_zsh(const struct sg_cmd *commands)
{
	fputs(head, stdout);
	print_function(commands, "_slotgate");
	puts("_slotgate \"$@\"");
}
