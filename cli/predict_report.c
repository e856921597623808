// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_report.c - predicted deadlocks in plain words
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"

enum { TEXT_MAX = SG_TRACE_TEXT_MAX + 128, STACK_SHOWN = 8 };

/* How objects of a kind are called, held and waited for; %s is the name. */
static const struct {
	const char *object, *hold, *wait, *drain;
} words[SG_OBJ_COUNT] = {
	[SG_OBJ_OTHER] = { "%s", "holds %s", "waits for %s", "waits until nobody holds %s" },
	[SG_OBJ_MUTEX] = { "%s", "holds %s", "waits for %s", "waits until nobody holds %s" },
	[SG_OBJ_RWSEM] = { "%s", "holds %s", "waits for %s", "waits until nobody holds %s" },
	[SG_OBJ_DEVICE] = { "the device lock of %s", "holds %s", "waits for %s",
			    "waits until nobody holds %s" },
	[SG_OBJ_CONFIG] = { "the config access of %s", "holds %s", "waits for %s",
			    "waits until nobody holds %s" },
	[SG_OBJ_SYSFS] = { "the sysfs file %s", "is inside %s", "waits to get into %s",
			   "waits until nobody is inside %s" },
	[SG_OBJ_THREAD] = { "%s", "is at work as %s", "waits for %s", "waits until %s is done" },
	[SG_OBJ_WORK] = { "the work %s", "does %s", "waits for %s", "waits until %s is done" },
	[SG_OBJ_COMPLETION] = { "%s", "has completed %s", "waits for %s to be completed",
				"waits for %s" },
	[SG_OBJ_OPEN] = { "%s", "has %s open", "waits to open %s", "waits until %s is closed" },
};

/* The formats come from the table above only. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *predict_object(const struct sg_predict *predict, uint32_t object, char *buf,
			   size_t size)
{
	const char *name = sg_predict_object_name(predict, object);
	char number[32];

	if (!*name) {
		snprintf(number, sizeof(number), "lock %u", object);
		name = number;
	}
	snprintf(buf, size, words[sg_predict_object_kind(predict, object)].object, name);
	return buf;
}

const char *predict_wait(const struct sg_predict *predict, const struct sg_party *party, char *buf,
			 size_t size)
{
	char object[TEXT_MAX];
	enum sg_object_kind kind;

	if (sg_trace_op_on_task(party->op)) {
		snprintf(buf, size, party->op == SG_OP_JOIN ? "waits until %s has ended" :
							      "is to be started by %s",
			 sg_predict_task_name(predict, party->object));
		return buf;
	}
	kind = sg_predict_object_kind(predict, party->object);
	predict_object(predict, party->object, object, sizeof(object));
	snprintf(buf, size, party->op == SG_OP_DRAIN ? words[kind].drain : words[kind].wait, object);
	if (party->op == SG_OP_ACQUIRE_SHARED && strlen(buf) + 13 < size)
		strcat(buf, " as a reader");
	return buf;
}

const char *predict_hold(const struct sg_predict *predict, const struct sg_hold *hold, char *buf,
			 size_t size)
{
	enum sg_object_kind kind = sg_predict_object_kind(predict, hold->object);
	bool reads = hold->shared && !strcmp(words[kind].hold, words[SG_OBJ_RWSEM].hold);
	char object[TEXT_MAX];

	predict_object(predict, hold->object, object, sizeof(object));
	snprintf(buf, size, words[kind].hold, object);
	if (reads && strlen(buf) + 13 < size)
		strcat(buf, " as a reader");
	return buf;
}
#pragma GCC diagnostic pop

static void print_stack(FILE *out, const struct sg_predict *predict, uint32_t stack)
{
	size_t count;
	const uint32_t *frames = sg_predict_stack(predict, stack, &count);

	for (size_t i = 0; i < count && i < STACK_SHOWN; i++)
		fprintf(out, "          %s\n", sg_predict_symbol(predict, frames[i]));
	if (count > STACK_SHOWN)
		fprintf(out, "          and %zu more\n", count - STACK_SHOWN);
}

static void print_party(FILE *out, const struct predict_report *report,
			const struct sg_party *party)
{
	const struct sg_predict *predict = report->predict;
	char text[TEXT_MAX];

	fprintf(out, "    %s", sg_predict_task_name(predict, party->task));
	if (sg_predict_stats(predict)->files > 1)
		fprintf(out, "  [%s]", report->files[sg_predict_task_file(predict, party->task)]);
	fprintf(out, "\n");
	for (size_t i = 0; i < party->nholds; i++) {
		fprintf(out, "      %s  (record %llu)\n",
			predict_hold(predict, &party->holds[i], text, sizeof(text)),
			(unsigned long long)party->holds[i].record);
		print_stack(out, predict, party->holds[i].stack);
	}
	fprintf(out, "      %s  (record %llu)\n", predict_wait(predict, party, text, sizeof(text)),
		(unsigned long long)party->record);
	print_stack(out, predict, party->stack);
}

static void print_cycle(FILE *out, const struct sg_predict *predict,
			const struct sg_finding *finding)
{
	fprintf(out, "    cycle: ");
	for (size_t i = 0; i < finding->nparties; i++) {
		const struct sg_party *party = &finding->parties[i];
		char text[TEXT_MAX];

		fprintf(out, "%s%s %s, which is up to ", i ? ";\n           " : "",
			sg_predict_task_name(predict, party->task),
			predict_wait(predict, party, text, sizeof(text)));
		for (size_t j = 0; j < party->nby; j++)
			fprintf(out, "%s%s", j ? " or " : "",
				sg_predict_task_name(predict, finding->parties[party->by[j]].task));
	}
	fprintf(out, ".\n");
}

static void print_steps(FILE *out, const struct sg_predict *predict,
			const struct sg_finding *finding)
{
	fprintf(out, "    schedule:\n");
	for (size_t i = 0; i < finding->nsteps; i++) {
		const struct sg_step *step = &finding->steps[i];

		fprintf(out, "      %zu. %s %s %llu\n", i + 1,
			sg_predict_task_name(predict, step->task),
			step->whole ? "has done all as recorded, up to record" : "goes on to record",
			(unsigned long long)step->last);
	}
	fprintf(out, "      %zu. each of them comes to its wait: none can ever go on\n",
		finding->nsteps + 1);
}

static void print_finding(FILE *out, const struct predict_report *report,
			  const struct sg_finding *finding, size_t number)
{
	fprintf(out, "%zu. %zu task%s can deadlock\n", number, finding->nparties,
		finding->nparties == 1 ? "" : "s");
	for (size_t i = 0; i < finding->nparties; i++)
		print_party(out, report, &finding->parties[i]);
	print_cycle(out, report->predict, finding);
	print_steps(out, report->predict, finding);
	fprintf(out, "\n");
}

/* --- findings of the same shape: other tasks, the same objects --- */

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void shape_of(const struct sg_finding *finding, uint64_t *ret)
{
	for (size_t i = 0; i < finding->nparties; i++)
		ret[i] = (uint64_t)finding->parties[i].op << 32 | finding->parties[i].object;
	qsort(ret, finding->nparties, sizeof(*ret), by_number);
}

static bool same_shape(const struct sg_finding *a, const struct sg_finding *b)
{
	uint64_t one[32], other[32];

	if (a->nparties != b->nparties || a->nparties > 32)
		return false;
	shape_of(a, one);
	shape_of(b, other);
	return !memcmp(one, other, a->nparties * sizeof(*one));
}

static bool is_told(const struct predict_report *report, const struct sg_finding *findings,
		    size_t index)
{
	return findings[index].verdict == SG_PREDICTED &&
	       report->suppressed_by[index] == SIZE_MAX;
}

/* One of each shape is shown, the others are counted. */
static void print_findings(FILE *out, const struct predict_report *report, size_t most)
{
	size_t count, shown = 0, alike = 0;
	const struct sg_finding *findings = sg_predict_findings(report->predict, &count);

	for (size_t i = 0; i < count; i++) {
		bool first = true;

		if (!is_told(report, findings, i))
			continue;
		for (size_t j = 0; j < i && first; j++)
			first = !is_told(report, findings, j) ||
				!same_shape(&findings[i], &findings[j]);
		if (!first || shown == most)
			alike++;
		else
			print_finding(out, report, &findings[i], ++shown);
	}
	if (alike)
		fprintf(out, "and %zu more with other tasks or beyond the first %zu (--json has all)\n\n",
			alike, most);
}

static void print_suppressed(FILE *out, const struct predict_report *report)
{
	for (size_t i = 0; i < report->suppressions.count; i++) {
		const struct suppression *one = &report->suppressions.items[i];

		fprintf(out, "suppressed %zu: %s\n", one->used, one->reason);
	}
}

static void print_doubts(FILE *out, const struct predict_report *report)
{
	const struct sg_predict_stats *stats = sg_predict_stats(report->predict);

	if (stats->lost)
		fprintf(out, "%llu events were lost while recording: there may be more, and what is "
			"told may be wrong\n", (unsigned long long)stats->lost);
	if (stats->cut_short)
		fprintf(out, "%zu of %zu files cut short\n", stats->cut_short, stats->files);
	if (stats->contradictions)
		fprintf(out, "%llu events cannot have happened as recorded\n",
			(unsigned long long)stats->contradictions);
	if (stats->unmatched)
		fprintf(out, "%llu releases of what nobody held\n",
			(unsigned long long)stats->unmatched);
	if (stats->capped)
		fprintf(out, "there are too many patterns: only those of up to %zu tasks were all "
			"looked at\n", stats->complete_to);
}

void predict_print(FILE *out, const struct predict_report *report, size_t most)
{
	const struct sg_predict_stats *stats = sg_predict_stats(report->predict);

	print_findings(out, report, most);
	print_suppressed(out, report);
	print_doubts(out, report);
	fprintf(out, "%llu events of %zu tasks, %zu objects: %zu predicted, %zu suppressed, "
		"%zu unknown, %zu refuted\n", (unsigned long long)stats->events, stats->tasks,
		stats->objects, report->predicted, report->suppressed, report->unknown,
		report->refuted);
}

/* --- what is suppressed --- */

static bool glob_matches(const struct sg_predict *predict, const struct sg_finding *finding,
			 const char *glob)
{
	char text[TEXT_MAX];

	for (size_t i = 0; i < finding->nparties; i++) {
		const struct sg_party *party = &finding->parties[i];

		if (!fnmatch(glob, predict_wait(predict, party, text, sizeof(text)), 0) ||
		    !fnmatch(glob, sg_predict_task_name(predict, party->task), 0))
			return true;
	}
	return false;
}

static size_t find_suppression(const struct predict_report *report,
			       const struct sg_finding *finding)
{
	for (size_t i = 0; i < report->suppressions.count; i++) {
		const struct sg_strv *globs = &report->suppressions.items[i].globs;
		size_t matched = 0;

		while (matched < globs->count &&
		       glob_matches(report->predict, finding, globs->items[matched]))
			matched++;
		if (matched == globs->count)
			return i;
	}
	return SIZE_MAX;
}

int predict_report_init(struct predict_report *report)
{
	size_t count;
	const struct sg_finding *findings = sg_predict_findings(report->predict, &count);

	report->suppressed_by = calloc(count + 1, sizeof(*report->suppressed_by));
	if (!report->suppressed_by)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t by = findings[i].verdict == SG_REFUTED ? SIZE_MAX :
			    find_suppression(report, &findings[i]);

		report->suppressed_by[i] = by;
		if (by != SIZE_MAX)
			report->suppressions.items[by].used++;
		if (by != SIZE_MAX)
			report->suppressed++;
		else if (findings[i].verdict == SG_PREDICTED)
			report->predicted++;
		else if (findings[i].verdict == SG_UNKNOWN)
			report->unknown++;
		else
			report->refuted++;
	}
	return 0;
}

void predict_report_deinit(struct predict_report *report)
{
	suppressions_deinit(&report->suppressions);
	free(report->suppressed_by);
}
