// SPDX-License-Identifier: GPL-2.0-only
/*
 * run_report.c - how runs went, for people and as JSON
 */
#include <string.h>

#include "cmd.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/evidence.h"

static const char *kind(bool with_slotgate)
{
	return with_slotgate ? "slotgate" : "stock";
}

void run_name(char *buf, size_t size, const struct sg_run *run)
{
	snprintf(buf, size, "%s, seed %llu, %s", run->scenario->name,
		 (unsigned long long)run->params.seed, kind(run->with_slotgate));
}

bool run_is_expected(const struct sg_run *run)
{
	if (run->result.verdict == SG_SKIPPED)
		return true;
	if (sg_verdict_is_finding(run->result.verdict))
		return !run->with_slotgate &&
		       sg_scenario_fails_on(run->scenario, run->runs->kernel->release);
	return run->result.verdict == SG_PASSED;
}

static void print_times(FILE *out, struct json_object *times)
{
	json_object_object_foreach(times, name, value)
		fprintf(out, "; %s %.1f s", name, json_object_get_int(value) / 1000.0);
}

static void print_indented(FILE *out, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		fprintf(out, "    %s\n", line);
}

static void explain_hang(FILE *out, const struct sg_result *result)
{
	sg_autofree char *text = result->evidence ? sg_evidence_explain(result->evidence) : NULL;

	if (text)
		print_indented(out, text);
}

void run_report(FILE *out, const struct sg_run *run, bool explain)
{
	const struct sg_result *result = &run->result;

	fprintf(out, "%-16s seed %-4llu %-8s  %-7s  %5.1f s", run->scenario->name,
		(unsigned long long)run->params.seed, kind(run->with_slotgate),
		sg_verdict_name(result->verdict), result->seconds);
	if (result->times)
		print_times(out, result->times);
	fprintf(out, "%s%s\n", result->reason[0] ? "; " : "", result->reason);
	for (size_t i = 0; i < result->complaints.count; i++)
		fprintf(out, "    kernel: %s\n", result->complaints.items[i]);
	if (explain && result->verdict == SG_HUNG)
		explain_hang(out, result);
	fflush(out);
}

static void print_tally(FILE *out, const struct sg_tally *tally, bool with_slotgate)
{
	const char *separator = "";

	fprintf(out, "  %s: ", kind(with_slotgate));
	for (int i = 0; i <= SG_STOPPED; i++) {
		if (!tally->verdicts[i])
			continue;
		fprintf(out, "%s%s %u of %u", separator, sg_verdict_name(i), tally->verdicts[i],
			tally->runs);
		separator = ", ";
	}
}

static bool is_first(const struct sg_runs *runs, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (runs->list[i].scenario == runs->list[index].scenario)
			return false;
	return true;
}

/* What an interrupted run would have ended in is not known. */
static bool is_over(const struct sg_run *run)
{
	return run->finished && run->result.verdict != SG_STOPPED;
}

int run_exit_code(const struct sg_runs *runs)
{
	size_t skipped = 0;

	for (size_t i = 0; i < runs->count; i++) {
		if (!is_over(&runs->list[i]) || !sg_runs_ok(runs, runs->list[i].scenario))
			return SG_EXIT_FAILURE;
		skipped += runs->list[i].result.verdict == SG_SKIPPED;
	}
	return skipped == runs->count ? SG_EXIT_SKIPPED : SG_EXIT_OK;
}

/* "ok" would be an odd word for a failure, even where one was asked for. */
static const char *meaning(const struct sg_runs *runs, const struct sg_scenario *scenario)
{
	bool ok = sg_runs_ok(runs, scenario);

	if (sg_scenario_fails_on(scenario, runs->kernel->release) && !sg_runs_tally(runs, scenario, true).runs)
		return ok ? "fails, as known" : "did not fail";
	return ok ? "ok" : "not ok";
}

int run_report_summary(FILE *out, const struct sg_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_scenario *scenario = runs->list[i].scenario;

		if (!is_first(runs, i))
			continue;
		fprintf(out, "%-16s", scenario->name);
		for (int with = 0; with <= 1; with++) {
			struct sg_tally tally = sg_runs_tally(runs, scenario, with);

			if (tally.runs)
				print_tally(out, &tally, with);
		}
		fprintf(out, "  -> %s\n", meaning(runs, scenario));
	}
	return run_exit_code(runs);
}

static struct json_object *describe_json(const struct sg_run *run)
{
	struct json_object *object = sg_result_json(&run->result);

	json_object_object_add(object, "scenario", json_object_new_string(run->scenario->name));
	json_object_object_add(object, "seed", json_object_new_int64(run->params.seed));
	json_object_object_add(object, "with", json_object_new_string(kind(run->with_slotgate)));
	json_object_object_add(object, "expected", json_object_new_boolean(run_is_expected(run)));
	if (run->keep)
		json_object_object_add(object, "kept", json_object_new_string(run->keep));
	return object;
}

struct json_object *run_json(const struct sg_runs *runs)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < runs->count; i++)
		if (runs->list[i].finished)
			json_object_array_add(list, describe_json(&runs->list[i]));
	json_object_object_add(object, "kernel", json_object_new_string(runs->kernel->release));
	json_object_object_add(object, "accel", json_object_new_string(runs->kvm ? "kvm" : "tcg"));
	json_object_object_add(object, "ok", json_object_new_boolean(!run_exit_code(runs)));
	json_object_object_add(object, "runs", list);
	return object;
}

void run_ktap_begin(FILE *out, const struct sg_runs *runs)
{
	fprintf(out, "KTAP version 1\n1..%zu\n", runs->count);
	fflush(out);
}

void run_ktap_result(FILE *out, const struct sg_runs *runs, const struct sg_run *run)
{
	char name[128];

	run_name(name, sizeof(name), run);
	for (size_t i = 0; i < run->result.complaints.count; i++)
		fprintf(out, "# kernel: %s\n", run->result.complaints.items[i]);
	fprintf(out, "%s %zu %s: %s%s%s%s\n", run_is_expected(run) ? "ok" : "not ok",
		(size_t)(run - runs->list) + 1, name, sg_verdict_name(run->result.verdict),
		run->result.verdict == SG_SKIPPED ? " # SKIP " : "",
		run->result.reason[0] && run->result.verdict != SG_SKIPPED ? ", " : "",
		run->result.reason);
	fflush(out);
}
