// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd.c - dispatch, help, complaints and progress, for all commands
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/nearest.h"

int sg_cmd_fail(int exit_code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("slotgate: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	return exit_code;
}

void sg_cmd_help(const struct sg_cmd *table, const char *context)
{
	printf("Usage: %s COMMAND [OPTION...]\n\nCommands:\n", context);
	for (; table->name; table++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", table->name, table->args ? table->args : "");
		printf("  %-24s %s\n", left, table->summary);
	}
	printf("\n\"%s COMMAND --help\" tells the options of a command.\n", context);
}

static const char *command_name(const void *table, size_t index)
{
	return ((const struct sg_cmd *)table)[index].name;
}

int sg_cmd_dispatch(const struct sg_cmd *table, const char *context, int argc, char **argv)
{
	sg_autofree char *hint = NULL;

	for (const struct sg_cmd *cmd = table; cmd->name; cmd++)
		if (!strcmp(cmd->name, argv[0])) {
			static char name[64];	/* argp's complaints begin with it */

			snprintf(name, sizeof(name), "%s %s", context, cmd->name);
			argv[0] = name;
			return cmd->run(argc, argv);
		}
	hint = sg_nearest(argv[0], command_name, table);
	return sg_cmd_fail(SG_EXIT_USAGE, "unknown command \"%s\"%s (%s help)", argv[0],
			   hint ? hint : "", context);
}

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static void show_progress(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "%s\n", text);
}

const struct sg_watch *sg_cmd_watch(void)
{
	static const struct sg_watch watch = { .stop = &stopped, .progress = show_progress };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	return &watch;
}
