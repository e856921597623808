// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_scale.c - slotgate lab scale: how long removals take, by the number of drives
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/number.h"
#include "slotgate/scale.h"

enum { POINTS_MAX = 16, DRIVES_MAX = SG_DRIVES_MAX - 1 };
enum key { KEY_DRIVES = 256, KEY_SURPRISE, KEY_STOCK, KEY_WITH, KEY_SVG, KEY_KEEP, KEY_JSON };

struct options {
	bool surprise, stock, slotgate, json;
	const char *kernel, *svg, *keep, *drives, *with;
	struct sg_scale_point points[POINTS_MAX];
	size_t count;
};

static const struct argp_option option_table[] = {
	{ "drives", KEY_DRIVES, "N,N,...", 0, "how many (default 4,8,16,32,64; with --surprise 1,2,3)", 0 },
	{ "surprise", KEY_SURPRISE, NULL, 0,
	  "pull them without asking, owners close them before the kernel knows; default: "
	  "slots are switched off, owners need 1 s", 0 },
	{ "stock", KEY_STOCK, NULL, 0, "only the kernel as it is", 0 },
	{ "with", KEY_WITH, "slotgate", 0, "only with slotgate (default: both)", 0 },
	{ "kernel", 'k', "LINE", 0, "a kernel line (default bookworm)", 0 },
	{ "svg", KEY_SVG, "FILE", 0, "draw it", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep console and records", 0 },
	{ "json", KEY_JSON, NULL, 0, "for programs", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_TEXT(KEY_DRIVES, struct options, drives),
	SG_FLAG(KEY_SURPRISE, struct options, surprise),
	SG_FLAG(KEY_STOCK, struct options, stock),
	SG_TEXT(KEY_WITH, struct options, with),
	SG_TEXT('k', struct options, kernel),
	SG_TEXT(KEY_SVG, struct options, svg),
	SG_TEXT(KEY_KEEP, struct options, keep),
	SG_FLAG(KEY_JSON, struct options, json),
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return sg_option_set(settings, state->input, key, arg);
}

static bool add_point(struct options *options, const char *word, uint64_t most)
{
	struct sg_scale_point *point = &options->points[options->count];
	uint64_t drives;

	if (options->count == POINTS_MAX || sg_number_parse(word, 1, most, &drives))
		return false;
	*point = (struct sg_scale_point){ .drives = drives };
	for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
		point->seconds[kind] = point->other[kind] = -1;
	options->count++;
	return true;
}

/* With --surprise one slot more is needed. */
static int set_points(struct options *options)
{
	const char *list = options->drives ? options->drives : options->surprise ? "1,2,3" : "4,8,16,32,64";
	unsigned int most = options->surprise ? DRIVES_MAX : SG_DRIVES_MAX;
	sg_autofree char *text = strdup(list);
	char *save = NULL;

	for (char *word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (!add_point(options, word, most))
			return sg_cmd_fail(SG_EXIT_USAGE, "--drives wants up to %d numbers from 1 to "
					   "%u, as 4,8,16, not \"%s\"", POINTS_MAX, most, list);
	if (!options->count)
		return sg_cmd_fail(SG_EXIT_USAGE, "--drives \"%s\" names none", list);
	return SG_EXIT_OK;
}

static int complete(struct options *options)
{
	if (options->with && strcmp(options->with, "slotgate"))
		return sg_cmd_fail(SG_EXIT_USAGE, "--with wants \"slotgate\", not \"%s\"",
				   options->with);
	options->slotgate = options->with || !options->stock;
	if (!options->with && !options->stock)
		options->stock = true;
	return set_points(options);
}

/* Seed is the number of drives, so that kept folders have names of their own. */
static int add_runs(const struct options *options, struct sg_runs *runs, struct sg_error *err)
{
	const struct sg_scenario *scenario = options->surprise ? &sg_scenario_scale_surprise
							       : &sg_scenario_scale_owners;
	int code = 0;

	for (size_t i = 0; i < options->count; i++) {
		unsigned int drives = options->points[i].drives;
		struct sg_params params = { .seed = drives, .drives = drives };

		if (options->stock && !code)
			code = sg_runs_add(runs, scenario, &params, false, err);
		if (options->slotgate && !code)
			code = sg_runs_add(runs, scenario, &params, true, err);
	}
	return code;
}

static double seconds(const struct sg_run *run, const char *name)
{
	struct json_object *value;

	if (run->result.verdict != SG_PASSED ||
	    !json_object_object_get_ex(run->result.times, name, &value))
		return -1;
	return json_object_get_int(value) / 1000.0;
}

static void collect(struct options *options, const struct sg_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		for (size_t k = 0; k < options->count; k++) {
			const struct sg_run *run = &runs->list[i];

			if (options->points[k].drives != run->params.drives)
				continue;
			options->points[k].seconds[run->with_slotgate] = seconds(run, "removal");
			options->points[k].other[run->with_slotgate] = seconds(run, "other");
		}
}

static int draw(const struct options *options, const char *release)
{
	sg_autofree char *text = sg_scale_svg(options->points, options->count, release);
	FILE *out = text ? fopen(options->svg, "w") : NULL;
	bool bad;

	if (!out)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot write %s: %m", options->svg);
	bad = fputs(text, out) < 0;
	if (fclose(out) || bad)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot write %s: %m", options->svg);
	return SG_EXIT_OK;
}

static void print_json(const struct sg_runs *runs)
{
	struct json_object *object = run_json(runs);

	puts(json_object_to_json_string_ext(object, SG_JSON_PRETTY));
	json_object_put(object);
}

static int report(struct options *options, const struct sg_runs *runs)
{
	sg_autofree char *table = NULL;
	int code = SG_EXIT_OK;

	collect(options, runs);
	table = sg_scale_markdown(options->points, options->count);
	if (options->json)
		print_json(runs);
	else
		printf("\nKernel %s, one processor, a clock that counts instructions\n%s",
		       runs->kernel->release, table ? table : "");
	if (options->svg)
		code = draw(options, runs->kernel->release);
	for (size_t i = 0; i < runs->count; i++)
		if (runs->list[i].result.verdict != SG_PASSED)
			return SG_EXIT_FAILURE;
	return code;
}

static void report_finished(const struct sg_run *run)
{
	run_report(stdout, run, true);
}

static int measure(struct options *options)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .keep = options->keep, .jobs = 1,
	};
	struct sg_error err;
	int code;

	if (sg_kernel_open(options->kernel, NULL, sg_cmd_watch(), &kernel, &err) ||
	    add_runs(options, &runs, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = options->slotgate ? run_check_ko(NULL, &kernel) : SG_EXIT_OK;
	if (code)
		return code;
	run_progress_attach(&runs, NULL, options->json ? NULL : report_finished);
	code = sg_runs_execute(&runs, sg_cmd_watch(), &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return report(options, &runs);
}

const struct argp lab_scale_argp = {
	option_table, parse, NULL,
	"Pulls more and more drives at once, on a stock kernel and with slotgate, in a machine "
	"with one processor whose clock counts instructions, and says how long that takes.",
	NULL, NULL, NULL
};

int lab_scale(int argc, char **argv)
{
	struct options options = { .kernel = "bookworm" };
	int code;

	if (argp_parse(&lab_scale_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	code = complete(&options);
	return code ? code : measure(&options);
}
