// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_run.c - slotgate lab run SCENARIO...
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/scenario.h"

enum { REPEAT_MAX = 10000, ROUNDS_MAX = 10000, JOBS_LIMIT = 64, TIMEOUT_MAX = 86400 };

enum format { FORMAT_HUMAN, FORMAT_JSON, FORMAT_KTAP };

struct options {
	const struct sg_scenario *scenarios[RUN_SCENARIOS_MAX];
	size_t nscenarios;
	bool stock, slotgate, plan_only, packed;
	uint64_t seed, repeat, drives, rounds, jobs, timeout;
	const char *kernel, *modules, *keep, *ko;
	enum sg_accel accel;
	enum format format;
};

enum key {
	KEY_STOCK = 256, KEY_WITH, KEY_SEED, KEY_REPEAT, KEY_KERNEL, KEY_MODULES, KEY_DRIVES,
	KEY_ROUNDS, KEY_KEEP, KEY_JOBS, KEY_TIMEOUT, KEY_PLAN, KEY_KO, KEY_ACCEL, KEY_PACKED, KEY_JSON,
	KEY_KTAP,
};

static const struct argp_option option_table[] = {
	{ "stock", KEY_STOCK, NULL, 0, "only the kernel as it is", 0 },
	{ "with", KEY_WITH, "slotgate", 0, "only with slotgate (default: both, compared)", 0 },
	{ "seed", KEY_SEED, "N", 0, "seed of the first run (default 1)", 0 },
	{ "repeat", KEY_REPEAT, "N", 0, "N runs with ascending seeds", 0 },
	{ "drives", KEY_DRIVES, "N", 0, "number of drives (default: by the seed)", 0 },
	{ "rounds", KEY_ROUNDS, "N", 0, "how often \"reload\" reloads (default 100)", 0 },
	{ "kernel", KEY_KERNEL, "LINE|FILE", 0, "a kernel line, or a bzImage (default bookworm)", 0 },
	{ "modules", KEY_MODULES, "DIR", 0, "modules of that bzImage", 0 },
	{ "ko", KEY_KO, "FILE", 0, "this slotgate.ko", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "machines side by side (default 1)", 0 },
	{ "timeout", KEY_TIMEOUT, "S", 0, "seconds until a run counts as lost (default 600, or the scenario's own)", 0 },
	{ "accel", KEY_ACCEL, "auto|kvm|tcg", 0, "how QEMU runs the guest (default: KVM if it works)",
	  0 },
	{ "packed", KEY_PACKED, NULL, 0, "let the guest unpack the kernel and place it at random, as a "
	  "server does (default: unpacked here, once)", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep console log, plan, records and evidence", 0 },
	{ "plan", KEY_PLAN, NULL, 0, "print the plan and stop", 0 },
	{ "json", KEY_JSON, NULL, 0, "report as JSON", 0 },
	{ "ktap", KEY_KTAP, NULL, 0, "report as KTAP", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_NUMBER(KEY_SEED, "seed", 0, INT64_MAX, struct options, seed),
	SG_NUMBER(KEY_REPEAT, "repeat", 1, REPEAT_MAX, struct options, repeat),
	SG_NUMBER(KEY_DRIVES, "drives", 1, SG_DRIVES_MAX, struct options, drives),
	SG_NUMBER(KEY_ROUNDS, "rounds", 1, ROUNDS_MAX, struct options, rounds),
	SG_NUMBER(KEY_JOBS, "jobs", 1, JOBS_LIMIT, struct options, jobs),
	SG_NUMBER(KEY_TIMEOUT, "timeout", 1, TIMEOUT_MAX, struct options, timeout),
	SG_TEXT(KEY_KERNEL, struct options, kernel),
	SG_TEXT(KEY_MODULES, struct options, modules),
	SG_TEXT(KEY_KEEP, struct options, keep),
	SG_TEXT(KEY_KO, struct options, ko),
	SG_FLAG(KEY_STOCK, struct options, stock),
	SG_FLAG(KEY_PACKED, struct options, packed),
	SG_FLAG(KEY_PLAN, struct options, plan_only),
	{ 0 }
};

static const struct {
	const char *name;
	enum sg_accel accel;
} accels[] = {
	{ "auto", SG_ACCEL_AUTO }, { "kvm", SG_ACCEL_KVM }, { "tcg", SG_ACCEL_TCG },
};

static error_t set_accel(struct options *options, const char *arg)
{
	for (size_t i = 0; i < sizeof(accels) / sizeof(*accels); i++)
		if (!strcmp(accels[i].name, arg)) {
			options->accel = accels[i].accel;
			return 0;
		}
	sg_cmd_fail(0, "--accel wants auto, kvm or tcg, not \"%s\"", arg);
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
	case KEY_ACCEL:
		return set_accel(options, arg);
	case KEY_JSON:
		options->format = FORMAT_JSON;
		return 0;
	case KEY_KTAP:
		options->format = FORMAT_KTAP;
		return 0;
	case ARGP_KEY_ARG:
		return run_add_scenario(options->scenarios, &options->nscenarios, arg);
	}
	return sg_option_set(settings, options, key, arg);
}

static int check(struct options *options)
{
	if (!options->nscenarios)
		return sg_cmd_fail(SG_EXIT_USAGE, "which scenario? (slotgate lab list shows them)");
	for (size_t i = 0; i < options->nscenarios && options->drives; i++) {
		const struct sg_scenario *scenario = options->scenarios[i];

		if (options->drives < scenario->drives.min ||
		    options->drives > scenario->drives.max)
			return sg_cmd_fail(SG_EXIT_USAGE, "%s takes %u to %u drives, not %llu",
					   scenario->name, scenario->drives.min,
					   scenario->drives.max,
					   (unsigned long long)options->drives);
	}
	if (!options->stock && !options->slotgate)
		options->stock = options->slotgate = true;
	return SG_EXIT_OK;
}

/* Stock and slotgate one after the other for each seed, so that results can be compared early. */
static int add_runs(const struct options *options, struct sg_runs *runs, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; i < options->nscenarios; i++)
		for (uint64_t seed = 0; seed < options->repeat && !code; seed++) {
			struct sg_params params = { .seed = options->seed + seed,
						    .drives = options->drives,
						    .rounds = options->rounds };

			/* When compared, nothing to compare with is no news. */
			if (options->stock &&
			    !(options->slotgate && options->scenarios[i]->slotgate_only))
				code = sg_runs_add(runs, options->scenarios[i], &params, false, err);
			if (options->slotgate && !code)
				code = sg_runs_add(runs, options->scenarios[i], &params, true, err);
		}
	return code;
}

static void print_plans(const struct sg_runs *runs)
{
	char name[128];

	for (size_t i = 0; i < runs->count; i++) {
		run_name(name, sizeof(name), &runs->list[i]);
		printf("# %s: %u slots\n%s", name, runs->list[i].topology.nslots,
		       runs->list[i].plan.text);
	}
}

static struct {
	enum format format;
	const struct sg_runs *runs;
} reporting;

/* Only the first hang of a scenario is explained: the others are alike. */
static bool is_first_hang(const struct sg_runs *runs, const struct sg_run *run)
{
	for (const struct sg_run *other = runs->list; other < run; other++)
		if (other->scenario == run->scenario && other->result.verdict == SG_HUNG &&
		    other->with_slotgate == run->with_slotgate)
			return false;
	return true;
}

static void report_finished(const struct sg_run *run)
{
	if (reporting.format == FORMAT_KTAP)
		run_ktap_result(stdout, reporting.runs, run);
	else if (reporting.format == FORMAT_HUMAN)
		run_report(stdout, run, is_first_hang(reporting.runs, run));
}

static void print_json(const struct sg_runs *runs)
{
	struct json_object *object = run_json(runs);

	puts(json_object_to_json_string_ext(object, SG_JSON_PRETTY));
	json_object_put(object);
}

static int execute(const struct options *options, struct sg_runs *runs)
{
	struct sg_error err;
	int code;

	reporting.format = options->format;
	reporting.runs = runs;
	run_progress_attach(runs, NULL, report_finished);
	if (options->format == FORMAT_KTAP)
		run_ktap_begin(stdout, runs);
	code = sg_runs_execute(runs, sg_cmd_watch(), &err);
	if (options->format == FORMAT_JSON)
		print_json(runs);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	if (options->format != FORMAT_HUMAN)
		return run_exit_code(runs);
	return run_report_summary(stdout, runs);
}

static int run(const struct options *options)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .ko = options->ko, .keep = options->keep,
		.timeout = options->timeout, .jobs = options->jobs, .packed = options->packed,
	};
	struct sg_error err;
	int code = add_runs(options, &runs, &err);

	if (code)
		return sg_cmd_fail(SG_EXIT_USAGE, "%s", err.text);
	if (options->plan_only) {
		print_plans(&runs);
		return SG_EXIT_OK;
	}
	if (sg_kernel_open(options->kernel, options->modules, sg_cmd_watch(), &kernel, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = options->slotgate ? run_check_ko(options->ko, &kernel) : SG_EXIT_OK;
	if (code)
		return code;
	if (run_decide_kvm(options->accel, &kernel, &runs.kvm, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	return execute(options, &runs);
}

const struct argp lab_run_argp = {
	option_table, parse, "SCENARIO...",
	"Boots a kernel in a virtual machine with hot-plug slots and carries a scenario "
	"out: on the stock kernel, where it is to hang, and with slotgate, where it is to "
	"pass.", NULL, NULL, NULL
};

int lab_run(int argc, char **argv)
{
	struct options options = { .seed = 1, .repeat = 1, .jobs = 1, .kernel = "bookworm" };
	int code;

	if (argp_parse(&lab_run_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	code = check(&options);
	return code ? code : run(&options);
}
