// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_cost.c - slotgate lab cost: what recording costs, or having slotgate, in instructions of the guest
 */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/cost.h"

enum { ROUNDS_MAX = 99, ROUNDS = 3 };
enum key { KEY_LOCKDEP = 256, KEY_IDLE, KEY_KEEP, KEY_JSON };

struct options {
	bool lockdep, idle, json;
	const char *kernel, *keep;
	uint64_t rounds;
};

static const struct argp_option option_table[] = {
	{ "kernel", 'k', "LINE", 0, "a kernel line (default bookworm)", 0 },
	{ "rounds", 'r', "N", 0, "do all of it N times (default 3)", 0 },
	{ "lockdep", KEY_LOCKDEP, NULL, 0,
	  "of lockdep instead, on a kernel that has it (default line lockdep)", 0 },
	{ "idle", KEY_IDLE, NULL, 0, "of slotgate instead, where nobody else wants the slot", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep console and records", 0 },
	{ "json", KEY_JSON, NULL, 0, "for programs: instructions, round by round", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_TEXT('k', struct options, kernel),
	SG_NUMBER('r', "rounds", 1, ROUNDS_MAX, struct options, rounds),
	SG_FLAG(KEY_LOCKDEP, struct options, lockdep),
	SG_FLAG(KEY_IDLE, struct options, idle),
	SG_TEXT(KEY_KEEP, struct options, keep),
	SG_FLAG(KEY_JSON, struct options, json),
	{ 0 }
};

/* What can be asked for the cost of. */
static const struct subject {
	const struct sg_scenario *scenario;
	const struct sg_cost_way *ways;
	const struct sg_cost_work *works;
	const char *unit, *kernel;
	bool with_slotgate;
} recording = {
	&sg_scenario_cost, sg_cost_ways, sg_cost_works, "millions", "bookworm", false,
}, lockdep = {
	&sg_scenario_cost_lockdep, sg_cost_lockdep_ways, sg_cost_works, "millions", "lockdep", false,
}, idle = {
	&sg_scenario_cost_idle, sg_cost_idle_ways, sg_cost_idle_works, "thousands", "bookworm", true,
};

static const struct subject *subject_of(const struct options *options)
{
	return options->idle ? &idle : options->lockdep ? &lockdep : &recording;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return sg_option_set(settings, state->input, key, arg);
}

static int by_size(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

/* Instructions, the median of all rounds; 0: not known. */
static int median(const struct sg_run *run, const char *way, const char *work,
		  const char *part)
{
	int values[ROUNDS_MAX] = { 0 }, count = 0;

	for (unsigned int round = 1; round <= run->params.rounds; round++) {
		sg_autofree char *name = sg_format("%s.%s.%u%s", way, work, round, part);
		struct json_object *value;

		if (name && json_object_object_get_ex(run->result.times, name, &value))
			values[count++] = json_object_get_int(value);
	}
	qsort(values, count, sizeof(*values), by_size);
	return count ? values[count / 2] : 0;
}

static void print_cells(const struct sg_run *run, const struct sg_cost_way *ways,
			const char *work, int base)
{
	for (const struct sg_cost_way *way = ways + 1; way->name; way++) {
		sg_autofree char *own = sg_format("%s.%s.1.recorder", way->name, work);

		printf(" %+.2f %%", 100.0 * (median(run, way->name, work, "") - base) / base);
		if (own && json_object_object_get_ex(run->result.times, own, NULL))
			printf(", %+.1f %% it itself",
			       100.0 * median(run, way->name, work, ".recorder") / base);
		printf(" |");
	}
}

/* For what has to be begun: how much that is by itself. */
static void print_begin(const struct sg_run *run, const struct sg_cost_way *ways)
{
	if (!median(run, ways[1].name, "begin", ""))
		return;
	printf("\n| to begin | 0 |");
	for (const struct sg_cost_way *way = ways + 1; way->name; way++)
		printf(" %d |", median(run, way->name, "begin", ""));
}

static void print_table(const struct sg_run *run, const struct subject *subject)
{
	const struct sg_cost_way *ways = subject->ways, *way;

	printf("Kernel %s, %s of instructions, medians of %u rounds\n| work |",
	       run->result.release, subject->unit, run->params.rounds);
	for (way = ways; way->name; way++)
		printf(" %s |", way->name);
	printf("\n|---|");
	for (way = ways; way->name; way++)
		printf("---|");
	for (const struct sg_cost_work *work = subject->works; work->name; work++) {
		int base = median(run, ways->name, work->name, "");

		if (!base)
			continue;
		printf("\n| %s | %d |", work->name, base);
		print_cells(run, ways, work->name, base);
	}
	print_begin(run, ways);
	printf("\n");
}

/* Its report is what ends its work here, and a complaint of the kernel. */
static bool lockdep_gave_up(const struct options *options, const struct sg_run *run)
{
	return options->lockdep && run->result.verdict == SG_FAILED &&
	       median(run, sg_cost_lockdep_ways[0].name, "maps", "");
}

static int report(const struct options *options, const struct sg_run *run)
{
	const char *text;

	if (run->result.verdict != SG_PASSED && !lockdep_gave_up(options, run))
		return sg_cmd_fail(SG_EXIT_FAILURE, "it was not measured: %s", run->result.reason);
	text = json_object_to_json_string_ext(run->result.times, SG_JSON_PRETTY);
	if (options->json)
		puts(text);
	else
		print_table(run, subject_of(options));
	return SG_EXIT_OK;
}

static int measure(const struct options *options)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .keep = options->keep, .jobs = 1,
	};
	const struct sg_params params = { .rounds = options->rounds };
	const struct subject *subject = subject_of(options);
	struct sg_error err;
	int code;

	if (sg_kernel_open(options->kernel ? options->kernel : subject->kernel, NULL, sg_cmd_watch(),
			   &kernel, &err) ||
	    sg_runs_add(&runs, subject->scenario, &params, subject->with_slotgate, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = subject->with_slotgate ? run_check_ko(NULL, &kernel) : SG_EXIT_OK;
	if (code)
		return code;
	run_progress_attach(&runs, NULL, NULL);
	code = sg_runs_execute(&runs, sg_cmd_watch(), &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return report(options, runs.list);
}

const struct argp lab_cost_argp = {
	option_table, parse, NULL,
	"Does the same work unwatched, recorded and watched by klockstat, in turn, in a machine "
	"with one processor whose clock counts instructions, and says how many more of them recording takes, or "
	"having slotgate.",
	NULL, NULL, NULL
};

int lab_cost(int argc, char **argv)
{
	struct options options = { .rounds = ROUNDS };

	if (argp_parse(&lab_cost_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (options.lockdep && options.idle)
		return sg_cmd_fail(SG_EXIT_USAGE, "--lockdep or --idle, not both");
	return measure(&options);
}
