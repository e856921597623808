// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_demo.c - slotgate lab demo: the hang, its cure, and 20 drives at once
 */
#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "run.h"
#include "slotgate/cleanup.h"

enum { CLOSE_STOCK, CLOSE_CURED, SLOW_STOCK, SLOW_CURED, PARTS };

static const struct part {
	const char *scenario;
	unsigned int drives;
	bool with_slotgate;
	const char *heading;	/* NULL: belongs to the part before */
} parts[PARTS] = {
	[CLOSE_STOCK] = { "vfio-close", 4, false,
		"1. Stock kernel: drives owned by one process are pulled, the owner is killed" },
	[CLOSE_CURED] = { "vfio-close", 4, true, "2. The same with slotgate" },
	[SLOW_STOCK] = { "slow-owners", 20, false,
		"3. 20 drives, 20 owners that need 1 s each, all pulled at once: stock, slotgate" },
	[SLOW_CURED] = { "slow-owners", 20, true, NULL },
};

static const struct sg_runs *demo;

static const struct part *part_of(const struct sg_run *run)
{
	return &parts[run - demo->list];
}

static void begin_part(const struct sg_run *run)
{
	if (part_of(run)->heading)
		printf("\n%s\n", part_of(run)->heading);
	fflush(stdout);
}

static void end_part(const struct sg_run *run)
{
	run_report(stdout, run, true);
}

static int add_parts(struct sg_runs *runs, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; i < PARTS && !code; i++) {
		struct sg_params params = { .seed = 1, .drives = parts[i].drives };
		const struct sg_scenario *scenario = sg_scenario_find(parts[i].scenario);

		if (!scenario)
			return sg_error_set(err, -ENOENT, "there is no scenario %s",
					    parts[i].scenario);
		code = sg_runs_add(runs, scenario, &params, parts[i].with_slotgate, err);
	}
	return code;
}

/* Milliseconds from the first slot switched off to the last drive gone, 0 if that never came. */
static int removal_ms(const struct sg_result *result)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(result->times, "removal", &value);
	return result->verdict == SG_PASSED ? json_object_get_int(value) : 0;
}

static void describe(char *buf, size_t size, const struct sg_result *result)
{
	int ms = removal_ms(result);

	if (ms)
		snprintf(buf, size, "%.1f s", ms / 1000.0);
	else
		snprintf(buf, size, "%s", sg_verdict_name(result->verdict));
}

static void print_row(const char *what, const struct sg_run *stock, const struct sg_run *cured)
{
	int before = removal_ms(&stock->result), after = removal_ms(&cured->result);
	char left[32], right[32];

	describe(left, sizeof(left), &stock->result);
	describe(right, sizeof(right), &cured->result);
	printf("| %-44s | %-8s | %-8s |", what, left, right);
	if (before && after)
		printf(" %.1f times as fast", (double)before / after);
	putchar('\n');
}

static bool succeeded(const struct sg_runs *runs)
{
	const struct sg_run *list = runs->list;

	assert(list);
	return list[CLOSE_STOCK].result.verdict == SG_HUNG &&
	       list[CLOSE_CURED].result.verdict == SG_PASSED &&
	       list[SLOW_STOCK].result.verdict == SG_PASSED &&
	       list[SLOW_CURED].result.verdict == SG_PASSED;
}

static int print_table(const struct sg_runs *runs)
{
	bool ok = succeeded(runs);

	printf("\nKernel %s\n", runs->kernel->release);
	printf("| %-44s | %-8s | %-8s |\n", "", "stock", "slotgate");
	printf("|%.46s|%.10s|%.10s|\n", "----------------------------------------------",
	       "----------", "----------");
	print_row("4 drives pulled, their owner killed", &runs->list[CLOSE_STOCK],
		  &runs->list[CLOSE_CURED]);
	print_row("20 drives pulled, owners need 1 s each", &runs->list[SLOW_STOCK],
		  &runs->list[SLOW_CURED]);
	printf("%s\n", ok ? "As it should be: stock hangs, slotgate does not." :
			    "Not as it should be: see above.");
	return ok ? SG_EXIT_OK : SG_EXIT_FAILURE;
}

static int run(struct sg_runs *runs, struct sg_kernel *kernel, struct sg_error *err)
{
	int code = sg_kernel_open("bookworm", NULL, sg_cmd_watch(), kernel, err);

	if (code)
		return code;
	if (!kernel->ko)
		return sg_error_set(err, -ENOENT, "no slotgate.ko for kernel %s: make kmod",
				    kernel->release);
	code = run_decide_kvm(SG_ACCEL_AUTO, kernel, &runs->kvm, err);
	if (!code)
		code = add_parts(runs, err);
	if (code)
		return code;
	demo = runs;
	run_progress_attach(runs, begin_part, end_part);
	return sg_runs_execute(runs, sg_cmd_watch(), err);
}

const struct argp lab_demo_argp = {
	NULL, NULL, NULL,
	"Shows the drive pull that hangs a stock kernel, the same with slotgate, and how "
	"long 20 drives take.  Ends with 0 only if stock hung and slotgate passed.",
	NULL, NULL, NULL
};

int lab_demo(int argc, char **argv)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = { .kernel = &kernel };
	struct sg_error err;
	int code;

	argp_parse(&lab_demo_argp, argc, argv, 0, NULL, NULL);
	code = run(&runs, &kernel, &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return print_table(&runs);
}
