// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate record -o FILE [-- COMMAND...] - record locks and waits of this machine
 *
 * Ends with COMMAND, or when interrupted.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cmd.h"
#include "slotgate/record.h"

enum { STEP_MS = 100, NOT_FOUND = 127 };
enum key { KEY_KPROBES = 256 };

struct options {
	struct sg_record_options record;
	char **command;
	bool quiet;
};

static const struct argp_option option_table[] = {
	{ "output", 'o', "FILE", 0, "where the trace goes", 0 },
	{ "all", 'a', NULL, 0, "record all tasks, not only those that touch PCI", 0 },
	{ "kprobes", KEY_KPROBES, NULL, 0, "use kprobes even where BPF trampolines would do", 0 },
	{ "quiet", 'q', NULL, 0, "do not tell what was recorded", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		options->record.path = arg;
		return 0;
	case 'a':
		options->record.all = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case KEY_KPROBES:
		options->record.kprobes = true;
		return 0;
	case ARGP_KEY_ARG:
		options->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void tell(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "%s\n", text);
}

/* The command has this terminal; it does not outlive us. */
static pid_t start_command(char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "slotgate: cannot run %s: %m\n", argv[0]);
	_exit(NOT_FOUND);
}

/* Until interrupted, or until the command has ended; @ret: its exit code. */
static int record(struct sg_recorder *recorder, pid_t command, int *ret, struct sg_error *err)
{
	const struct sg_watch *watch = sg_cmd_watch();
	int status = 0, code = 0;

	while (!code && !sg_watch_stopped(watch)) {
		code = sg_recorder_step(recorder, STEP_MS, err);
		if (command > 0 && waitpid(command, &status, WNOHANG) == command) {
			*ret = WIFEXITED(status) ? WEXITSTATUS(status) :
						   128 + WTERMSIG(status);
			return code;
		}
	}
	if (command > 0) {
		kill(command, SIGTERM);
		waitpid(command, &status, 0);
		*ret = 130;
	}
	return code;
}

static void report(const struct options *options, const struct sg_record_stats *stats)
{
	if (stats->lost)
		fprintf(stderr, "%llu events were lost; %s says where\n",
			(unsigned long long)stats->lost, options->record.path);
	if (!options->quiet)
		fprintf(stderr, "%s: %llu events of %zu tasks, %zu objects; %zu hooks, %zu of them kprobes\n",
			options->record.path, (unsigned long long)stats->events, stats->tasks,
			stats->objects, stats->hooks, stats->probed);
}

static int run(const struct options *options)
{
	struct sg_recorder *recorder;
	struct sg_record_stats stats = {0};
	struct sg_error err;
	int code, finished, exit_code = SG_EXIT_OK;
	pid_t command = 0;

	sg_cmd_watch();
	if (sg_recorder_start(&options->record, &recorder, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	if (!options->quiet)
		fprintf(stderr, "recording%s\n", options->command ? "" : "; Ctrl-C ends it");
	if (options->command)
		command = start_command(options->command);
	code = command < 0 ? sg_error_set(&err, -errno, "cannot start a process: %m") :
			     record(recorder, command, &exit_code, &err);
	if (code)
		sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	finished = sg_recorder_finish(recorder, &stats, &err);
	if (finished && !code)
		sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	report(options, &stats);
	return code || finished ? SG_EXIT_FAILURE : exit_code;
}

const struct argp cmd_record_argp = {
	option_table, parse, "-o FILE [-- COMMAND...]",
	"Records what tasks lock and wait for, until COMMAND has ended or you interrupt it. "
	"\"slotgate predict FILE\" says then which of them could have deadlocked.", NULL,
	NULL, NULL
};

int cmd_record(int argc, char **argv)
{
	struct options options = { .record = { .tell = tell } };

	if (argp_parse(&cmd_record_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (!options.record.path)
		return sg_cmd_fail(SG_EXIT_USAGE, "where to? (slotgate record -o FILE)");
	return run(&options);
}
