// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_board.c - slotgate lab board [LINE...]: the whole scoreboard
 *
 * Kernel by kernel, so that the reports of one stand together; the table at
 * the end has all of them.
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "run.h"
#include "slotgate/board.h"
#include "slotgate/cleanup.h"
#include "slotgate/nearest.h"

enum { REPEAT_MAX = 10000, JOBS_LIMIT = 64, ROUNDS = 3 };

struct options {
	const char *lines[SG_BOARD_LINES];
	size_t nlines;
	const struct sg_scenario *scenarios[RUN_SCENARIOS_MAX + 1];
	size_t nscenarios;
	bool stock, slotgate, xen, json;
	uint64_t seed, repeat, jobs;
	const char *keep;
};

enum key { KEY_STOCK = 256, KEY_WITH, KEY_SEED, KEY_REPEAT, KEY_JOBS, KEY_KEEP, KEY_SCENARIO,
	   KEY_XEN, KEY_JSON };

static const struct argp_option option_table[] = {
	{ "stock", KEY_STOCK, NULL, 0, "only the kernels as they are", 0 },
	{ "with", KEY_WITH, "slotgate", 0, "only with slotgate (default: both)", 0 },
	{ "scenario", KEY_SCENARIO, "NAME", 0, "only this one; may be given more than once", 0 },
	{ "seed", KEY_SEED, "N", 0, "seed of the first run (default 1)", 0 },
	{ "repeat", KEY_REPEAT, "N", 0, "N runs with ascending seeds", 0 },
	{ "xen", KEY_XEN, NULL, 0, "those on Xen as well, which take longer", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "machines side by side (default: three for each processor, as "
	  "far as there is memory)", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep console logs, plans, records and evidence", 0 },
	{ "json", KEY_JSON, NULL, 0, "table and runs as JSON", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_NUMBER(KEY_SEED, "seed", 0, INT64_MAX, struct options, seed),
	SG_NUMBER(KEY_REPEAT, "repeat", 1, REPEAT_MAX, struct options, repeat),
	SG_NUMBER(KEY_JOBS, "jobs", 1, JOBS_LIMIT, struct options, jobs),
	SG_TEXT(KEY_KEEP, struct options, keep),
	SG_FLAG(KEY_STOCK, struct options, stock),
	SG_FLAG(KEY_XEN, struct options, xen),
	SG_FLAG(KEY_JSON, struct options, json),
	{ 0 }
};

static const char *line_name(const void *data, size_t index)
{
	(void)data;
	return sg_kernel_lines[index].name;
}

static error_t add_line(struct options *options, const char *name)
{
	sg_autofree char *hint = NULL;

	for (size_t i = 0; i < options->nlines; i++)
		if (!strcmp(options->lines[i], name))
			return 0;
	if (sg_kernel_line_find(name) && options->nlines < SG_BOARD_LINES) {
		options->lines[options->nlines++] = name;
		return 0;
	}
	hint = sg_nearest(name, line_name, NULL);
	sg_cmd_fail(0, "unknown kernel line \"%s\"%s", name,
		    hint && *hint ? hint : " (slotgate lab kernels lists them)");
	return EINVAL;
}

static error_t set_with(struct options *options, const char *arg)
{
	options->slotgate = true;
	if (!strcmp(arg, "slotgate"))
		return 0;
	sg_cmd_fail(0, "--with wants \"slotgate\", not \"%s\"", arg);
	return EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_WITH:
		return set_with(options, arg);
	case KEY_SCENARIO:
		return run_add_scenario(options->scenarios, &options->nscenarios, arg);
	case ARGP_KEY_ARG:
		return add_line(options, arg);
	}
	return sg_option_set(settings, options, key, arg);
}

static void choose_all(struct options *options)
{
	for (size_t i = 0; sg_scenarios[i]; i++)
		if (!sg_scenarios[i]->by_name && (options->xen || !sg_scenarios[i]->xen))
			options->scenarios[options->nscenarios++] = sg_scenarios[i];
}

/* What was not asked for is all of it; the oldest kernel first. */
static void complete(struct options *options)
{
	static const char *const lines[] = { "bullseye", "bookworm", "bookworm-backports", "sid" };

	if (!options->stock && !options->slotgate)
		options->stock = options->slotgate = true;
	if (!options->jobs)
		options->jobs = run_default_jobs();
	if (!options->nscenarios)
		choose_all(options);
	if (options->nlines)
		return;
	memcpy(options->lines, lines, sizeof(lines));
	options->nlines = sizeof(lines) / sizeof(*lines);
}

static int add_runs(const struct options *options, struct sg_runs *runs, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; i < options->nscenarios; i++)
		for (uint64_t n = 0; n < options->repeat && !code; n++) {
			const struct sg_scenario *scenario = options->scenarios[i];
			struct sg_params params = { .seed = options->seed + n, .rounds = ROUNDS };

			if (options->stock && !scenario->slotgate_only)
				code = sg_runs_add(runs, scenario, &params, false, err);
			if (options->slotgate && !code)
				code = sg_runs_add(runs, scenario, &params, true, err);
		}
	return code;
}

/* What a stock kernel hangs in is known; what slotgate does is worth a word. */
static void report_finished(const struct sg_run *run)
{
	run_report(stdout, run, run->with_slotgate);
}

static int execute(const struct options *options, const struct sg_kernel *kernel,
		   struct sg_runs *runs)
{
	struct sg_error err;
	int code = add_runs(options, runs, &err);

	if (!code)
		code = run_decide_kvm(SG_ACCEL_AUTO, kernel, &runs->kvm, &err);
	if (!code && !options->json)
		printf("%s %s, %s\n", kernel->line, kernel->release, runs->kvm ? "KVM" : "no KVM");
	run_progress_attach(runs, NULL, options->json ? NULL : report_finished);
	if (!code)
		code = sg_runs_execute(runs, sg_cmd_watch(), &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return SG_EXIT_OK;
}

static int run_line(const struct options *options, const char *name, struct sg_board *board,
		    struct json_object *list)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_autofree char *keep = options->keep ? sg_format("%s/%s", options->keep, name) : NULL;
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .keep = keep, .jobs = options->jobs,
	};
	struct sg_error err;
	int code;

	if (sg_kernel_open(name, NULL, sg_cmd_watch(), &kernel, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = options->slotgate ? run_check_ko(NULL, &kernel) : SG_EXIT_OK;
	if (!code)
		code = execute(options, &kernel, &runs);
	if (code)
		return code;
	if (sg_board_add(board, &runs))
		return sg_cmd_fail(SG_EXIT_FAILURE, "out of memory");
	json_object_array_add(list, run_json(&runs));
	return SG_EXIT_OK;
}

static void print_json(const struct sg_board *board, struct json_object *list, const char *table)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "ok", json_object_new_boolean(sg_board_ok(board)));
	json_object_object_add(object, "table", json_object_new_string(table));
	json_object_object_add(object, "kernels", json_object_get(list));
	puts(json_object_to_json_string_ext(object, SG_JSON_PRETTY));
	json_object_put(object);
}

/* The table also of a board that was not finished: it took long to come so far. */
static int show(const struct options *options, const struct sg_board *board,
		struct json_object *list)
{
	sg_autofree char *table = sg_board_markdown(board);

	if (!table)
		return sg_cmd_fail(SG_EXIT_FAILURE, "out of memory");
	if (options->json)
		print_json(board, list, table);
	else if (board->count)
		printf("\n%s", table);
	return sg_board_ok(board) ? SG_EXIT_OK : SG_EXIT_FAILURE;
}

static int run(const struct options *options)
{
	sg_cleanup(sg_board_deinit) struct sg_board board = {
		.scenarios = options->scenarios, .rows = options->nscenarios,
	};
	struct json_object *list = json_object_new_array();
	int code = SG_EXIT_OK, shown;

	for (size_t i = 0; i < options->nlines && !code; i++)
		code = run_line(options, options->lines[i], &board, list);
	shown = show(options, &board, list);
	json_object_put(list);
	return code ? code : shown;
}

const struct argp lab_board_argp = {
	option_table, parse, "[LINE...]",
	"The whole scoreboard: every scenario on every kernel line, as it is and with "
	"slotgate.  Ends in a table, and with 1 when a run with slotgate did not pass or "
	"a stock kernel did not do what the scenario says of it.", NULL, NULL, NULL
};

int lab_board(int argc, char **argv)
{
	struct options options = { .seed = 1, .repeat = 1 };

	if (argp_parse(&lab_board_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	complete(&options);
	return run(&options);
}
