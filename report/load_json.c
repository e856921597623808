// SPDX-License-Identifier: GPL-2.0-only
/*
 * load_json.c - what commands print with --json: runs, boards, predictions, hangs
 */
#include <errno.h>
#include <string.h>

#include "json.h"
#include "load.h"
#include "slotgate/cleanup.h"

static int no_memory(struct sg_error *err)
{
	return sg_error_set(err, -ENOMEM, "out of memory");
}

/* The folder is still there if nobody removed it, and has more. */
static int add_run(struct report *report, const char *path, struct json_object *result,
		   struct sg_error *err)
{
	const char *scenario = json_text(result, "scenario"), *kept = json_text(result, "kept");
	struct report_entry *entry;
	int code = 0;

	if (!*json_text(result, "verdict"))
		return sg_error_set(err, -EINVAL, "%s: a run without a verdict", path);
	entry = entry_add(report, path);
	if (!entry || (*scenario && entry_name(entry, scenario, json_number(result, "seed"),
					       json_text(result, "with"))))
		return no_memory(err);
	entry->result = json_object_get(result);
	entry->evidence = json_object_get(json_object_of(result, "evidence"));
	if (*kept && load_is_run(kept))
		code = load_run_files(report, entry, kept, err);
	if (!code)
		entry_settle(entry);
	return code;
}

static int add_runs(struct report *report, const char *path, struct json_object *json,
		    struct sg_error *err)
{
	struct json_object *runs = json_list(json, "runs");
	int code = 0;

	for (size_t i = 0; i < json_count(runs) && !code; i++)
		code = add_run(report, path, json_at(runs, i), err);
	return code;
}

static int add_board(struct report *report, const char *path, struct json_object *json,
		     struct sg_error *err)
{
	struct json_object *kernels = json_list(json, "kernels");
	int code = 0;

	for (size_t i = 0; i < json_count(kernels) && !code; i++)
		code = add_runs(report, path, json_at(kernels, i), err);
	return code;
}

static int add_prediction(struct report *report, const char *path, struct json_object *json,
			  struct sg_error *err)
{
	struct report_entry *entry = entry_add(report, path);

	if (!entry)
		return no_memory(err);
	entry->prediction = json_object_get(json);
	entry_settle(entry);
	return 0;
}

static int add_storm(struct report *report, const char *path, struct json_object *json,
		     struct sg_error *err)
{
	struct report_entry *entry = entry_add(report, path);

	if (!entry || load_storm(entry, json))
		return no_memory(err);
	entry_settle(entry);
	return 0;
}

/* By itself, or in the output of a diagnosis. */
static int add_evidence(struct report *report, const char *path, struct json_object *json,
			struct sg_error *err)
{
	struct report_entry *entry = entry_add(report, path);
	struct json_object *evidence = json_object_of(json, "evidence");

	if (!entry)
		return no_memory(err);
	entry->evidence = json_object_get(evidence ? evidence : json);
	entry_settle(entry);
	return 0;
}

/* The first of these members tells what it is. */
static const struct {
	const char *member;
	enum json_type type;
	int (*add)(struct report *report, const char *path, struct json_object *json,
		   struct sg_error *err);
} kinds[] = {
	{ "kernels", json_type_array, add_board },
	{ "runs", json_type_array, add_runs },
	{ "findings", json_type_array, add_prediction },
	{ "guest_seconds", json_type_double, add_run },
	{ "end", json_type_object, add_storm },
	{ "evidence", json_type_object, add_evidence },
	{ "tasks", json_type_array, add_evidence },
};

int load_json(struct report *report, const char *path, struct json_object *json,
	      struct sg_error *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (json_member(json, kinds[i].member, kinds[i].type))
			return kinds[i].add(report, path, json, err);
	return sg_error_set(err, -EINVAL, "%s: JSON, but of no run, board, prediction or hang", path);
}
