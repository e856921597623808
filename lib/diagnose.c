// SPDX-License-Identifier: GPL-2.0-only
/*
 * diagnose.c - from evidence of a hang to its name, and how far it has spread
 *
 * A deadlock that fits a row is that row.  Without one a chain that fits, whose
 * end could go on, is.  Everything else is unknown, with its chain.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose_internal.h"

/* ---- what a log of blocked tasks does not show ---- */

/* Does somebody wait for one of that kind that nobody among the stuck can have? */
static bool holder_missing(const struct sg_analysis *analysis, enum sg_resource_kind kind)
{
	bool wanted = false;

	for (size_t i = 0; i < analysis->ntasks; i++) {
		const struct sg_task *task = &analysis->tasks[i];

		wanted |= task->waits.kind == kind;
		if (task->unnamed & 1u << kind)
			return false;
		for (size_t h = 0; h < task->nholds; h++)
			if (task->holds[h].kind == kind)
				return false;
	}
	return wanted;
}

/*
 * A removal that sleeps where signals reach it is no blocked task, but vfio told
 * of it.  It may be over long since: only a lock whose holder is missing shows
 * that it is not.
 */
static void hidden_removal(const char *device, bool topology, struct sg_task *ret)
{
	struct sg_resource lock = { .kind = SG_RES_DEVICE };

	*ret = (struct sg_task){ .waits = { .kind = SG_RES_OWNER } };
	snprintf(ret->who, sizeof(ret->who), "the removal of %s", device);
	snprintf(ret->function, sizeof(ret->function), "told by vfio in the log");
	snprintf(ret->waits.name, sizeof(ret->waits.name), "%s", device);
	snprintf(lock.name, sizeof(lock.name), "%s", device);
	sg_task_add_hold(ret, &lock);
	if (topology)
		sg_task_add_hold(ret, &(struct sg_resource){ .kind = SG_RES_TOPOLOGY,
							      .supposed = true });
}

static bool removal_seen(const struct sg_analysis *analysis, const char *device)
{
	for (size_t i = 0; i < analysis->ntasks; i++)
		if (analysis->tasks[i].waits.kind == SG_RES_OWNER &&
		    !strcmp(analysis->tasks[i].waits.name, device))
			return true;
	return false;
}

static int add_hidden(struct json_object *evidence, struct sg_analysis *analysis)
{
	struct json_object *asked = sg_json_array(evidence, "asked");
	size_t count = asked ? json_object_array_length(asked) : 0;
	bool topology = holder_missing(analysis, SG_RES_TOPOLOGY);
	struct sg_task *tasks;

	if (!count || !(topology || holder_missing(analysis, SG_RES_DEVICE)))
		return 0;
	tasks = reallocarray(analysis->tasks, analysis->ntasks + count, sizeof(*tasks));
	if (!tasks)
		return -ENOMEM;
	analysis->tasks = tasks;
	for (size_t i = 0; i < count; i++) {
		const char *device = json_object_get_string(json_object_array_get_idx(asked, i));

		if (device && !removal_seen(analysis, device))
			hidden_removal(device, topology, &tasks[analysis->ntasks++]);
	}
	return 0;
}

/* ---- naming ---- */

/* Fewer steps told by elimination count first; then a short cycle, a long chain. */
static bool is_better(const struct sg_named *old, size_t count, bool cycle,
		      unsigned int eliminated)
{
	if (eliminated != old->eliminated)
		return eliminated < old->eliminated;
	return cycle ? count < old->npath : count > old->npath;
}

static struct sg_named *named_slot(struct sg_diagnosis *diagnosis, const struct sg_row *row)
{
	for (size_t i = 0; i < diagnosis->nnamed; i++)
		if (diagnosis->named[i].row == row)
			return &diagnosis->named[i];
	return diagnosis->nnamed < SG_ROWS_MAX ? &diagnosis->named[diagnosis->nnamed] : NULL;
}

static void take_path(struct walk *walk, const size_t *path, size_t count, bool cycle,
		      unsigned int eliminated)
{
	struct sg_diagnosis *diagnosis = walk->arg;
	const struct sg_row *row = row_find(walk->evidence, walk->analysis, path, count, cycle);
	struct sg_named *named = row ? named_slot(diagnosis, row) : NULL;
	size_t *copy;

	if (named && named->row && named->eliminated == eliminated && named->npath == count)
		named->alike++;
	if (!named || (named->row && !is_better(named, count, cycle, eliminated)))
		return;
	copy = reallocarray(named->path, count, sizeof(*copy));
	if (!copy)
		return;
	memcpy(copy, path, count * sizeof(*copy));
	diagnosis->nnamed += !named->row;
	*named = (struct sg_named){ row, copy, count, cycle, eliminated, 0 };
}

/* Cycles first, then what is told by names, then as in the table. */
static int compare_named(const void *a, const void *b)
{
	const struct sg_named *one = a, *two = b;

	if (one->cycle != two->cycle)
		return one->cycle ? -1 : 1;
	if (!one->eliminated != !two->eliminated)
		return one->eliminated ? 1 : -1;
	return row_rank(one->row) < row_rank(two->row) ? -1 : 1;
}

/*
 * What a cycle explains needs no chain beside it.  And where something is told by
 * names, what is told by elimination is another reading of the same tasks.
 */
static void settle(struct sg_diagnosis *diagnosis)
{
	size_t kept = 0;

	qsort(diagnosis->named, diagnosis->nnamed, sizeof(diagnosis->named[0]), compare_named);
	for (size_t i = 0; i < diagnosis->nnamed; i++) {
		struct sg_named *named = &diagnosis->named[i];

		if (named->cycle == diagnosis->named[0].cycle &&
		    !named->eliminated == !diagnosis->named[0].eliminated)
			diagnosis->named[kept++] = *named;
		else
			free(named->path);
	}
	diagnosis->nnamed = kept;
}

/* ---- what would be, if ---- */

/* A log does not tell who has a device open: say what follows if it is one of the stuck. */
static void note_cycle(struct walk *walk, const size_t *path, size_t count, bool cycle,
		       unsigned int eliminated)
{
	struct sg_diagnosis *diagnosis = walk->arg;
	const struct sg_row *row =
		cycle ? row_find(walk->evidence, walk->analysis, path, count, true) : NULL;

	(void)eliminated;
	for (size_t i = 0; row && i < count; i++) {
		const struct sg_task *task = &walk->analysis->tasks[path[i]];
		const struct sg_task *next = &walk->analysis->tasks[path[(i + 1) % count]];

		if (task->waits.kind == SG_RES_OWNER && !diagnosis->notes.count)
			sg_strv_add(&diagnosis->notes, "if %s (pid %d) has %s open, which this evidence "
				    "does not tell, this is the deadlock %s; otherwise its owner only has "
				    "to close it", next->who, next->pid,
				    task->waits.name[0] ? task->waits.name : "that device", row->name);
	}
}

static void forget_named(struct sg_diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->nnamed; i++)
		free(diagnosis->named[i].path);
	diagnosis->nnamed = 0;
}

/* What may be a deadlock must not be called a standstill that an owner can end. */
static void assume_owners(struct json_object *evidence, struct sg_diagnosis *diagnosis)
{
	struct walk walk = { .evidence = evidence, .analysis = &diagnosis->analysis,
			     .assume = true, .visit = note_cycle, .arg = diagnosis };

	if (!diagnosis->log[0] || (diagnosis->nnamed && diagnosis->named[0].cycle))
		return;
	walk_graph(&walk);
	if (diagnosis->notes.count)
		forget_named(diagnosis);
}

/* ---- how far it has spread ---- */

static bool on_path(const struct sg_diagnosis *diagnosis, size_t task)
{
	for (size_t i = 0; i < diagnosis->nnamed; i++)
		for (size_t p = 0; p < diagnosis->named[i].npath; p++)
			if (diagnosis->named[i].path[p] == task)
				return true;
	for (size_t i = 0; !diagnosis->nnamed && i < diagnosis->analysis.npath; i++)
		if (diagnosis->analysis.path[i] == task)
			return true;
	return false;
}

static void add_once(struct sg_strv *list, const char *text)
{
	if (text[0] && !sg_strv_has(list, text))
		sg_strv_add(list, "%s", text);
}

static void spread_resource(struct sg_diagnosis *diagnosis, const struct sg_resource *res,
			    bool held)
{
	char number[16];

	switch (res->kind) {
	case SG_RES_TOPOLOGY:
		diagnosis->machine |= held;
		break;
	case SG_RES_DEVICE:
	case SG_RES_OWNER:
	case SG_RES_ANSWER:
	case SG_RES_IGATE:
		if (res->kind != SG_RES_OWNER || !held)
			add_once(&diagnosis->devices, res->name);
		break;
	case SG_RES_RESET:
	case SG_RES_THREAD:
		snprintf(number, sizeof(number), "%u", res->slot);
		if (res->slot)
			add_once(&diagnosis->slots, res->name[0] ? res->name : number);
		break;
	default:
		break;
	}
}

static void spread(struct sg_diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->analysis.ntasks; i++) {
		const struct sg_task *task = &diagnosis->analysis.tasks[i];

		spread_resource(diagnosis, &task->waits, false);
		for (size_t h = 0; h < task->nholds; h++)
			spread_resource(diagnosis, &task->holds[h], true);
		if (!on_path(diagnosis, i))
			sg_strv_add(&diagnosis->behind, "%s", task->who);
	}
}

/* ---- together ---- */

static bool is_blind(struct json_object *evidence)
{
	struct json_object *value;

	return json_object_object_get_ex(evidence, "blind", &value) &&
	       json_object_get_boolean(value);
}

static void add_missing(struct json_object *evidence, struct sg_strv *ret)
{
	struct json_object *list = sg_json_array(evidence, "missing");

	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		add_once(ret, json_object_get_string(json_object_array_get_idx(list, i)) ?: "");
}

/* What a reader has to know about this evidence, and what would tell more. */
static void add_notes(struct json_object *evidence, struct sg_diagnosis *diagnosis)
{
	const char *slotgate = sg_json_string(evidence, "slotgate");

	if (slotgate[0] && strcmp(slotgate, "not loaded"))
		sg_strv_add(&diagnosis->notes, "slotgate is %s on this machine: that it hangs all the "
			    "same is worth a report", slotgate);
	if (!strcmp(diagnosis->log, "log"))
		sg_strv_add(&diagnosis->notes, "the log holds no report of blocked tasks: the kernel makes one "
			    "by itself after 120 seconds, and at once with `echo w >/proc/sysrq-trigger`");
	if (diagnosis->kind == SG_HANG_UNKNOWN && diagnosis->log[0] && strcmp(diagnosis->log, "sysrq-t"))
		sg_strv_add(&diagnosis->notes, "such a log leaves out who sleeps where signals reach it "
			    "(a removal that waits for a vfio owner does); the whole log from boot on, or "
			    "the magic key t, would tell more");
}

/* Somebody who sleeps for reasons of his own, in a place that no rule knows, does not hang. */
static bool anyone_stuck(struct json_object *evidence, const struct sg_analysis *analysis)
{
	struct json_object *tasks = sg_json_array(evidence, "tasks"), *task;

	for (size_t i = 0; i < analysis->ntasks; i++) {
		task = json_object_array_get_idx(tasks, i);
		if (analysis->tasks[i].waits.kind != SG_RES_NONE ||
		    !strcmp(task ? sg_json_string(task, "state") : "", "D"))
			return true;
	}
	return false;
}

static void find_kind(struct json_object *evidence, struct sg_diagnosis *diagnosis)
{
	if (!anyone_stuck(evidence, &diagnosis->analysis))
		diagnosis->kind = SG_NOTHING_HANGS;
	else if (diagnosis->nnamed)
		diagnosis->kind = SG_HANG_NAMED;
	else
		diagnosis->kind = is_blind(evidence) ? SG_HANG_UNSEEN : SG_HANG_UNKNOWN;
}

int sg_diagnose(struct json_object *evidence, struct sg_diagnosis *ret)
{
	struct sg_diagnosis diagnosis = { .kind = SG_NOTHING_HANGS };
	struct walk walk = { .evidence = evidence, .analysis = &diagnosis.analysis,
			     .visit = take_path, .arg = &diagnosis };
	int err = sg_evidence_analyse(evidence, &diagnosis.analysis);

	if (err)
		return err;
	snprintf(diagnosis.log, sizeof(diagnosis.log), "%s", sg_json_string(evidence, "log_kind"));
	err = add_hidden(evidence, &diagnosis.analysis);
	if (!err) {
		walk_graph(&walk);
		settle(&diagnosis);
		assume_owners(evidence, &diagnosis);
		find_kind(evidence, &diagnosis);
		spread(&diagnosis);
		add_missing(evidence, &diagnosis.missing);
		add_notes(evidence, &diagnosis);
		err = diagnosis.behind.err;
	}
	if (err)
		sg_diagnosis_deinit(&diagnosis);
	else
		*ret = diagnosis;
	return err;
}

void sg_diagnosis_deinit(struct sg_diagnosis *diagnosis)
{
	if (!diagnosis)
		return;
	forget_named(diagnosis);
	sg_analysis_deinit(&diagnosis->analysis);
	sg_strv_deinit(&diagnosis->slots);
	sg_strv_deinit(&diagnosis->devices);
	sg_strv_deinit(&diagnosis->behind);
	sg_strv_deinit(&diagnosis->missing);
	sg_strv_deinit(&diagnosis->notes);
	*diagnosis = (struct sg_diagnosis){ .nnamed = 0 };
}
