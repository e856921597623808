// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_json.c - predicted deadlocks as JSON: all of them, and what was not predicted
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "predict.h"
#include "slotgate/lab.h"

enum { TEXT_MAX = SG_TRACE_TEXT_MAX + 128 };

static const char *const verdicts[] = {
	[SG_PREDICTED] = "predicted", [SG_REFUTED] = "refuted", [SG_UNKNOWN] = "unknown",
};

static void add_text(struct json_object *to, const char *name, const char *text)
{
	json_object_object_add(to, name, json_object_new_string(text));
}

static void add_number(struct json_object *to, const char *name, uint64_t number)
{
	json_object_object_add(to, name, json_object_new_int64(number));
}

static void add_stack(struct json_object *to, const struct sg_predict *predict, uint32_t stack)
{
	struct json_object *list = json_object_new_array();
	size_t count;
	const uint32_t *frames = sg_predict_stack(predict, stack, &count);

	for (size_t i = 0; i < count; i++)
		json_object_array_add(list,
			json_object_new_string(sg_predict_symbol(predict, frames[i])));
	json_object_object_add(to, "stack", list);
}

static void add_object(struct json_object *to, const struct sg_predict *predict, uint32_t object)
{
	char text[TEXT_MAX];

	add_text(to, "object", sg_predict_object_name(predict, object));
	add_text(to, "kind", sg_object_kind_word(sg_predict_object_kind(predict, object)));
	add_text(to, "what", predict_object(predict, object, text, sizeof(text)));
}

static struct json_object *hold_json(const struct sg_predict *predict, const struct sg_hold *hold)
{
	struct json_object *json = json_object_new_object();
	char text[TEXT_MAX];

	add_object(json, predict, hold->object);
	add_text(json, "text", predict_hold(predict, hold, text, sizeof(text)));
	json_object_object_add(json, "shared", json_object_new_boolean(hold->shared));
	add_number(json, "record", hold->record);
	add_stack(json, predict, hold->stack);
	return json;
}

static struct json_object *party_json(const struct predict_report *report,
				      const struct sg_party *party)
{
	const struct sg_predict *predict = report->predict;
	struct json_object *json = json_object_new_object(), *wait = json_object_new_object();
	struct json_object *holds = json_object_new_array(), *by = json_object_new_array();
	char text[TEXT_MAX];

	add_text(json, "task", sg_predict_task_name(predict, party->task));
	add_text(json, "file", report->files[sg_predict_task_file(predict, party->task)]);
	for (size_t i = 0; i < party->nholds; i++)
		json_object_array_add(holds, hold_json(predict, &party->holds[i]));
	json_object_object_add(json, "holds", holds);
	add_text(wait, "operation", party->op == SG_OP_FORK ? "begin" :
		 sg_trace_op_word(party->op));
	if (sg_trace_op_on_task(party->op))
		add_text(wait, "task", sg_predict_task_name(predict, party->object));
	else
		add_object(wait, predict, party->object);
	add_text(wait, "text", predict_wait(predict, party, text, sizeof(text)));
	add_number(wait, "record", party->record);
	add_stack(wait, predict, party->stack);
	for (size_t i = 0; i < party->nby; i++)
		json_object_array_add(by, json_object_new_int64(party->by[i]));
	json_object_object_add(wait, "up_to", by);
	json_object_object_add(json, "waits", wait);
	return json;
}

static struct json_object *step_json(const struct predict_report *report,
				     const struct sg_step *step)
{
	struct json_object *json = json_object_new_object();

	add_text(json, "task", sg_predict_task_name(report->predict, step->task));
	add_number(json, "first", step->first);
	add_number(json, "last", step->last);
	json_object_object_add(json, "as_recorded", json_object_new_boolean(step->whole));
	return json;
}

static struct json_object *finding_json(const struct predict_report *report,
					const struct sg_finding *finding, size_t suppressed_by)
{
	struct json_object *json = json_object_new_object();
	struct json_object *parties = json_object_new_array(), *steps = json_object_new_array();

	add_text(json, "verdict", verdicts[finding->verdict]);
	if (suppressed_by != SIZE_MAX)
		add_text(json, "suppressed", report->suppressions.items[suppressed_by].reason);
	for (size_t i = 0; i < finding->nparties; i++)
		json_object_array_add(parties, party_json(report, &finding->parties[i]));
	json_object_object_add(json, "tasks", parties);
	for (size_t i = 0; i < finding->nsteps; i++)
		json_object_array_add(steps, step_json(report, &finding->steps[i]));
	json_object_object_add(json, "schedule", steps);
	return json;
}

static struct json_object *stats_json(const struct predict_report *report)
{
	const struct sg_predict_stats *stats = sg_predict_stats(report->predict);
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "records", stats->records }, { "events", stats->events },
		{ "events_kept", stats->kept }, { "events_lost", stats->lost },
		{ "contradictions", stats->contradictions }, { "unmatched", stats->unmatched },
		{ "files_cut_short", stats->cut_short }, { "tasks", stats->tasks },
		{ "objects", stats->objects }, { "contexts", stats->contexts },
		{ "patterns", stats->patterns }, { "states", stats->states },
		{ "complete_to", stats->complete_to },
	};
	struct json_object *json = json_object_new_object();

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		add_number(json, numbers[i].name, numbers[i].value);
	json_object_object_add(json, "capped", json_object_new_boolean(stats->capped));
	return json;
}

struct json_object *predict_json(const struct predict_report *report)
{
	struct json_object *json = json_object_new_object(), *list = json_object_new_array();
	size_t count;
	const struct sg_finding *findings = sg_predict_findings(report->predict, &count);

	for (size_t i = 0; i < count; i++)
		json_object_array_add(list,
			finding_json(report, &findings[i], report->suppressed_by[i]));
	add_number(json, "predicted", report->predicted);
	add_number(json, "suppressed", report->suppressed);
	add_number(json, "unknown", report->unknown);
	add_number(json, "refuted", report->refuted);
	json_object_object_add(json, "findings", list);
	json_object_object_add(json, "trace", stats_json(report));
	return json;
}

void predict_print_json(FILE *out, const struct predict_report *report)
{
	struct json_object *json = predict_json(report);

	fprintf(out, "%s\n", json_object_to_json_string_ext(json, SG_JSON_PRETTY));
	json_object_put(json);
}
