// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_storm.c - slotgate lab storm: the storm in a virtual machine, stock or with slotgate
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/number.h"
#include "storm.h"
#include "storm_cli.h"

enum {
	NESTED = 4,		/* drives below one switch */
	FUNCTIONS = 4,		/* virtual ones of a drive that has some */
	SPARE_SECONDS = 900,	/* to boot, to settle, to take evidence */
};

struct options {
	struct storm_options storm;
	bool stock, slotgate;
	uint64_t slots, nested, vfs, repeat;
	const char *kernel, *modules, *keep, *ko;
	enum sg_accel accel;
};

/* What describe() is to build; a scenario has no arguments of its own. */
static const struct options *wanted;

enum key {
	KEY_STOCK = 512, KEY_WITH, KEY_SLOTS, KEY_NESTED, KEY_VFS, KEY_REPEAT, KEY_KERNEL, KEY_MODULES,
	KEY_KEEP, KEY_KO,
};

static const struct argp_option option_table[] = {
	{ "stock", KEY_STOCK, NULL, 0, "only the kernel as it is", 0 },
	{ "with", KEY_WITH, "slotgate", 0, "only with slotgate (default)", 0 },
	{ "slots", KEY_SLOTS, "N", 0, "slots with a drive each (default 20, at most 64)", 0 },
	{ "nested", KEY_NESTED, "N", 0, "so many of them below switches, four each (default 0)", 0 },
	{ "vfs", KEY_VFS, "N", 0, "so many of them with virtual functions, four each (default 0)", 0 },
	{ "repeat", KEY_REPEAT, "N", 0, "N storms with ascending seeds", 0 },
	{ "kernel", KEY_KERNEL, "LINE|FILE", 0, "a kernel line, or a bzImage (default bookworm)", 0 },
	{ "modules", KEY_MODULES, "DIR", 0, "modules of that bzImage", 0 },
	{ "ko", KEY_KO, "FILE", 0, "this slotgate.ko", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep console log, plan, records and evidence; else only of a finding, "
	  "in slotgate-storm-TIME", 0 },
	{ 0 }
};

static const struct sg_option options_set[] = {
	SG_NUMBER(KEY_SLOTS, "slots", 1, SG_DRIVES_MAX, struct options, slots),
	SG_NUMBER(KEY_NESTED, "nested", 0, SG_DRIVES_MAX, struct options, nested),
	SG_NUMBER(KEY_VFS, "vfs", 0, SG_DRIVES_MAX, struct options, vfs),
	SG_NUMBER(KEY_REPEAT, "repeat", 1, 1000, struct options, repeat),
	SG_TEXT(KEY_KERNEL, struct options, kernel),
	SG_TEXT(KEY_MODULES, struct options, modules),
	SG_TEXT(KEY_KEEP, struct options, keep),
	SG_TEXT(KEY_KO, struct options, ko),
	SG_FLAG(KEY_STOCK, struct options, stock),
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->storm;
		return 0;
	case KEY_WITH:
		options->slotgate = true;
		if (!strcmp(arg, "slotgate"))
			return 0;
		sg_cmd_fail(0, "--with wants \"slotgate\", not \"%s\"", arg);
		return EINVAL;
	}
	return sg_option_set(options_set, options, key, arg);
}

/* ---- machine and plan ---- */

/* Drives first, so that their slots are 1 to N; the switches' slots follow. */
static int add_slots(struct sg_topology *topo)
{
	unsigned int slots = wanted->slots, plain = slots - wanted->nested;
	unsigned int switches = (wanted->nested + NESTED - 1) / NESTED;

	if (plain + switches > SG_DRIVES_MAX || slots + switches > SG_SLOTS_MAX)
		return -ERANGE;
	topo->nslots = 0;
	for (unsigned int i = 1; i <= switches; i++)
		topo->slots[topo->nslots++] = (struct sg_slot){ .number = slots + i,
								.is_switch = true };
	for (unsigned int i = 1; i <= slots; i++)
		topo->slots[topo->nslots++] = (struct sg_slot){
			.number = i, .has_drive = true,
			.parent = i > plain ? slots + 1 + (i - plain - 1) / NESTED : 0,
			.max_vfs = i <= wanted->vfs ? FUNCTIONS : 0,
		};
	return 0;
}

static void add_storm(struct sg_plan *plan, uint64_t seed)
{
	const struct storm_config *config = &wanted->storm.config;
	char *text;

	text = sg_format("storm seed=%llu seconds=%u jobs=%u rate=%u patience=%u actors=",
			 (unsigned long long)seed, config->seconds, config->jobs, config->rate,
			 config->patience_s);
	for (size_t i = 0; text && storm_actors[i]; i++)
		if (config->actors & 1u << i) {
			char *more = sg_format("%s%s%s", text,
					       text[strlen(text) - 1] == '=' ? "" : ",",
					       storm_actors[i]->name);

			free(text);
			text = more;
		}
	for (unsigned int i = 1; text && i <= wanted->slots; i++) {
		char *more = sg_format("%s %u", text, i);

		free(text);
		text = more;
	}
	sg_plan_add(plan, "%s", text ? text : "");
	free(text);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	int err = add_slots(topo);

	if (err)
		return err;
	sg_plan_add(plan, "modules nvme");
	sg_plan_add(plan, "slotgate");
	sg_plan_add(plan, "modules vfio");
	if (wanted->storm.config.actors & storm_cli_actor("error"))
		sg_plan_add(plan, "modules errors");
	add_storm(plan, params->seed);
	return plan->err;
}

static const struct sg_scenario scenario = {
	.name = "storm",
	.drives = { 1, SG_DRIVES_MAX },
	.describe = describe,
};

/* ---- runs ---- */

/* What the storms tell of themselves in the end, for --json. */
static struct json_object *storms;

static void keep_end(const struct sg_run *run, struct json_object *record)
{
	struct json_object *storm = json_object_new_object();

	json_object_object_add(storm, "seed", json_object_new_int64(run->params.seed));
	json_object_object_add(storm, "with", json_object_new_string(run->with_slotgate ?
								     "slotgate" : "stock"));
	json_object_object_add(storm, "end", json_object_get(record));
	json_object_array_add(storms, storm);
}

static void on_record(void *data, const struct sg_run *run, const char *type,
		      struct json_object *record)
{
	(void)data;
	if (!strncmp(type, "storm-", strlen("storm-")))
		storm_cli_show(record, !wanted->storm.json);
	if (!strcmp(type, "storm-end"))
		keep_end(run, record);
}

static void on_finish(void *data, const struct sg_run *run)
{
	(void)data;
	if (run->keep && run->result.verdict != SG_PASSED && run->result.verdict != SG_STOPPED)
		storm_report_lab(run->keep, run->result.evidence, run->runs->kernel->release);
	if (!wanted->storm.json)
		run_report(stdout, run, true);
}

static int exit_code(const struct sg_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		if (runs->list[i].result.verdict != SG_PASSED)
			return SG_EXIT_FAILURE;
	return SG_EXIT_OK;
}

static int execute(struct sg_runs *runs)
{
	struct sg_error err;
	int code;

	storms = json_object_new_array();
	runs->on_record = on_record;
	runs->on_finish = on_finish;
	code = sg_runs_execute(runs, sg_cmd_watch(), &err);
	if (wanted->storm.json) {
		struct json_object *object = run_json(runs);

		json_object_object_add(object, "storms", json_object_get(storms));
		puts(json_object_to_json_string_ext(object, SG_JSON_PRETTY));
		json_object_put(object);
	}
	json_object_put(storms);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return exit_code(runs);
}

/* Storms that nothing was wrong with leave nothing behind, unless they were told to. */
static void tidy_up(const struct sg_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_run *run = &runs->list[i];
		enum sg_verdict verdict = run->result.verdict;

		if (run->keep && verdict != SG_PASSED && verdict != SG_STOPPED)
			fprintf(stderr, "report: %s\n", run->keep);
		else if (run->keep && !wanted->keep)
			sg_remove_tree(run->keep);
	}
	if (!wanted->keep)
		rmdir(runs->keep);	/* if nothing is left in it */
}

static int add_runs(const struct options *options, struct sg_runs *runs, struct sg_error *err)
{
	int code = 0;

	for (uint64_t i = 0; i < options->repeat && !code; i++) {
		struct sg_params params = { .seed = options->storm.config.seed + i };

		if (options->stock)
			code = sg_runs_add(runs, &scenario, &params, false, err);
		if (options->slotgate && !code)
			code = sg_runs_add(runs, &scenario, &params, true, err);
	}
	return code;
}

static void print_plan(const struct options *options)
{
	static struct storm_config config;

	config = options->storm.config;
	config.nslots = options->slots;
	for (unsigned int i = 0; i < config.nslots; i++)
		snprintf(config.slots[i].name, sizeof(config.slots[i].name), "%u", i + 1);
	storm_cli_plan(stdout, &config);
}

static int run(const struct options *options)
{
	sg_autofree char *folder = storm_report_folder();
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .ko = options->ko, .jobs = 1,
		.keep = options->keep ? options->keep : folder,
		.timeout = options->storm.config.seconds + SPARE_SECONDS,
	};
	struct sg_error err;
	int code;

	if (options->storm.plan_only) {
		print_plan(options);
		return SG_EXIT_OK;
	}
	if (add_runs(options, &runs, &err))
		return sg_cmd_fail(SG_EXIT_USAGE, "%s", err.text);
	if (sg_kernel_open(options->kernel, options->modules, sg_cmd_watch(), &kernel, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = options->slotgate ? run_check_ko(options->ko, &kernel) : SG_EXIT_OK;
	if (code)
		return code;
	if (run_decide_kvm(SG_ACCEL_AUTO, &kernel, &runs.kvm, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = execute(&runs);
	tidy_up(&runs);
	return code;
}

static const struct argp_child children[] = { { &storm_cli_argp, 0, NULL, 0 }, { 0 } };
const struct argp lab_storm_argp = {
	option_table, parse, NULL,
	"Boots a kernel in a virtual machine with many hot-plug slots, and lets users of "
	"all kinds loose on them at once: until the time is over, or something hangs.",
	children, NULL, NULL
};

int lab_storm(int argc, char **argv)
{
	static struct options options = { .kernel = "bookworm", .slots = 20, .repeat = 1 };

	storm_cli_defaults(&options.storm);
	wanted = &options;
	if (argp_parse(&lab_storm_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (!options.stock)
		options.slotgate = true;
	if (options.vfs > options.slots)
		return sg_cmd_fail(SG_EXIT_USAGE, "only %llu slots, and %llu with virtual functions?",
				   (unsigned long long)options.slots, (unsigned long long)options.vfs);
	if (options.nested > options.slots)
		return sg_cmd_fail(SG_EXIT_USAGE, "only %llu slots, and %llu of them nested?",
				   (unsigned long long)options.slots,
				   (unsigned long long)options.nested);
	return run(&options);
}
