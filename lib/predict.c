// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict.c - which tasks of recorded runs could have deadlocked
 *
 * Patterns, which are cheap, say what is worth a search; the search decides.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

enum { COMBINATIONS_MAX = 512 };

struct sg_predict *sg_predict_create(void)
{
	struct sg_predict *predict = calloc(1, sizeof(*predict));

	if (!predict)
		return NULL;
	predict->symbols = sg_intern_create();
	predict->object_names = sg_intern_create();
	predict->stack_texts = sg_intern_create();
	if (held_init(&predict->held) || !predict->symbols || !predict->object_names ||
	    !predict->stack_texts) {
		sg_predict_destroy(predict);
		return NULL;
	}
	return predict;
}

static void task_deinit(struct task *task)
{
	free(task->name);
	free(task->events);
	free(task->holds);
	free(task->frames);
	free(task->sections);
	free(task->needs);
}

static void object_deinit(struct object *object)
{
	free(object->name);
	free(object->signals);
	free(object->handovers);
}

static void finding_deinit(struct sg_finding *finding)
{
	for (size_t i = 0; i < finding->nparties; i++) {
		free(finding->parties[i].holds);
		free(finding->parties[i].by);
	}
	free(finding->parties);
	free(finding->steps);
}

void sg_predict_destroy(struct sg_predict *predict)
{
	if (!predict)
		return;
	for (uint32_t i = 0; i < predict->ntasks; i++)
		task_deinit(&predict->tasks[i]);
	for (uint32_t i = 0; i < predict->nobjects; i++)
		object_deinit(&predict->objects[i]);
	for (size_t i = 0; i < predict->nfindings; i++)
		finding_deinit(&predict->findings[i]);
	held_deinit(&predict->held);
	sg_intern_destroy(predict->symbols);
	sg_intern_destroy(predict->object_names);
	sg_intern_destroy(predict->stack_texts);
	free(predict->tasks);
	free(predict->objects);
	free(predict->object_ids);
	free(predict->file_base);
	free(predict->handovers);
	free(predict->stacks);
	free(predict->frames);
	free(predict->dependant_start);
	free(predict->dependants);
	free(predict->rest);
	free(predict->findings);
	free(predict);
}

/* --- findings --- */

struct run {
	struct sg_predict *predict;
	const struct nodes *nodes;
	struct sg_intern *keys;		/* of findings, by index */
};

static const struct event *event_at(const struct sg_predict *predict, uint32_t task, uint32_t pos)
{
	return &predict->tasks[task].events[pos];
}

/* A record's number in its own file. */
static uint64_t record_at(const struct sg_predict *predict, uint32_t task, uint32_t pos)
{
	return event_at(predict, task, pos)->record -
	       predict->file_base[predict->tasks[task].file];
}

/* What @task holds at @pos: the acquisitions since it was at rest, less the releases. */
static int fill_holds(const struct sg_predict *predict, uint32_t task, uint32_t pos,
		      struct sg_party *party)
{
	const struct event *events = predict->tasks[task].events;
	uint32_t start = quiet_at(&predict->tasks[task], pos);

	party->holds = calloc(pos - start + 1, sizeof(*party->holds));
	if (!party->holds)
		return -ENOMEM;
	for (uint32_t at = start; at < pos; at++) {
		size_t hold = party->nholds;

		if ((takes_exclusive(events[at].op) || takes_shared(events[at].op)) &&
		    !events[at].extra)
			party->holds[party->nholds++] = (struct sg_hold){
				.object = events[at].object, .shared = takes_shared(events[at].op),
				.stack = events[at].stack, .record = record_at(predict, task, at),
			};
		if (events[at].op != SG_OP_RELEASE)
			continue;
		while (hold && party->holds[hold - 1].object != events[at].object)
			hold--;
		if (hold)
			memmove(&party->holds[hold - 1], &party->holds[hold],
				(party->nholds-- - hold) * sizeof(*party->holds));
	}
	return 0;
}

static int fill_party(const struct sg_predict *predict, const struct goal *goal, size_t index,
		      uint32_t by, struct sg_party *party)
{
	uint32_t task = goal->tasks[index], pos = goal->pos[index];
	const struct event *event = event_at(predict, task, pos);

	*party = (struct sg_party){
		.task = task, .op = event->op == OP_START ? SG_OP_FORK : event->op,
		.object = event->object, .stack = event->stack,
		.record = record_at(predict, task, pos),
		.by = calloc(goal->count, sizeof(*party->by)),
	};
	if (!party->by)
		return -ENOMEM;
	for (size_t i = 0; i < goal->count; i++)
		if (by & 1u << i)
			party->by[party->nby++] = i;
	return fill_holds(predict, task, pos, party);
}

static int add_step(struct sg_predict *predict, struct sg_finding *finding, uint32_t task,
		    uint32_t from, uint32_t to, bool whole)
{
	struct sg_step *steps = reallocarray(finding->steps, finding->nsteps + 1, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	finding->steps = steps;
	steps[finding->nsteps++] = (struct sg_step){
		task, record_at(predict, task, from), record_at(predict, task, to - 1), whole
	};
	return 0;
}

/* First what the tasks of the deadlock did in the recorded order, then the moves. */
static int fill_steps(struct sg_predict *predict, const struct goal *goal,
		      const struct path *path, struct sg_finding *finding)
{
	int err = 0;

	for (size_t i = 0; i < goal->count && !err; i++) {
		uint32_t task = goal->tasks[i];

		if (path->rest[task])
			err = add_step(predict, finding, task, 0, path->rest[task], true);
	}
	for (uint32_t i = 0; i < path->nmoves && !err; i++)
		err = add_step(predict, finding, path->moves[i].task, path->moves[i].from,
			       path->moves[i].to, false);
	return err;
}

static int fill_finding(struct sg_predict *predict, const struct goal *goal, enum sg_finding_verdict verdict,
			const struct path *path, const uint32_t *by, struct sg_finding *finding)
{
	finding_deinit(finding);
	*finding = (struct sg_finding){ .verdict = verdict };
	finding->parties = calloc(goal->count, sizeof(*finding->parties));
	if (!finding->parties)
		return -ENOMEM;
	for (size_t i = 0; i < goal->count; i++) {
		finding->nparties++;
		if (fill_party(predict, goal, i, by[i], &finding->parties[i]))
			return -ENOMEM;
	}
	return verdict == SG_PREDICTED ? fill_steps(predict, goal, path, finding) : 0;
}

/* One finding for the same tasks waiting for the same objects in the same way. */
static int find_finding(struct run *run, const uint32_t *members, size_t count,
			struct sg_finding **ret, bool *added)
{
	struct sg_predict *predict = run->predict;
	char key[PARTIES_MAX * 32];
	size_t used = 0;
	uint32_t id;
	int err;

	/* Nodes are sorted by task: ascending members give one order. */
	for (uint32_t last = 0, i = 0; i < count; i++) {
		uint32_t next = UINT32_MAX;
		const struct node *node;

		for (size_t j = 0; j < count; j++)
			if (members[j] < next && (!i || members[j] > last))
				next = members[j];
		node = &run->nodes->items[next];
		used += snprintf(key + used, sizeof(key) - used, "%x %x %x;", node->task, node->op,
				 node->object);
		last = next;
	}
	err = sg_intern(run->keys, key, used, &id, added);
	if (err)
		return err;
	if (*added) {
		if (!grow_array((void **)&predict->findings, predict->nfindings,
				&predict->finding_room, sizeof(*predict->findings)))
			return -ENOMEM;
		predict->findings[predict->nfindings++] = (struct sg_finding){0};
	}
	*ret = &predict->findings[id];
	return 0;
}

/* --- deciding --- */

/* The @number-th combination of places; false when there are no more. */
static bool combine(const struct nodes *nodes, const uint32_t *members, size_t count,
		    size_t number, struct goal *ret)
{
	ret->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct node *node = &nodes->items[members[i]];

		ret->tasks[i] = node->task;
		ret->pos[i] = nodes->places[node->first + number % node->count];
		number /= node->count;
	}
	return !number;
}

/* Better news of the same finding replace older ones. */
static bool is_news(enum sg_finding_verdict verdict, enum sg_finding_verdict before, bool added)
{
	return added || (before == SG_REFUTED && verdict != SG_REFUTED) ||
	       (before == SG_UNKNOWN && verdict == SG_PREDICTED);
}

static int decide(struct run *run, const uint32_t *members, size_t count, struct goal *goal,
		  struct path *path, uint32_t *by)
{
	int result, ret = SG_REFUTED;

	for (size_t i = 0; combine(run->nodes, members, count, i, goal); i++) {
		if (i == COMBINATIONS_MAX)
			return SG_UNKNOWN;
		result = search_goal(run->predict, goal, path, by);
		if (result < 0 || result == SG_PREDICTED)
			return result;
		if (result == SG_UNKNOWN)
			ret = SG_UNKNOWN;
	}
	return ret;
}

static int judge(void *data, const uint32_t *members, size_t count)
{
	struct run *run = data;
	sg_cleanup(path_deinit) struct path path = {0};
	uint32_t by[PARTIES_MAX] = {0};
	struct sg_finding *finding;
	struct goal goal;
	bool added;
	int result = find_finding(run, members, count, &finding, &added);

	run->predict->stats.patterns++;
	if (result || (!added && finding->verdict == SG_PREDICTED))
		return result;
	result = decide(run, members, count, &goal, &path, by);
	if (result < 0)
		return result;
	if (!is_news(result, finding->verdict, added))
		return 0;
	if (result != SG_PREDICTED)
		combine(run->nodes, members, count, 0, &goal);
	return fill_finding(run->predict, &goal, result, &path, by, finding);
}

int sg_predict_run(struct sg_predict *predict, const struct sg_predict_options *options,
		   struct sg_error *err)
{
	sg_cleanup(nodes_deinit) struct nodes nodes = {0};
	struct run run = { .predict = predict, .nodes = &nodes, .keys = sg_intern_create() };
	int code = run.keys ? 0 : -ENOMEM;

	if (options)
		predict->options = *options;
	if (predict->options.parties > PARTIES_MAX)
		predict->options.parties = PARTIES_MAX;
	if (!code)
		code = model_finish(predict);
	if (!code)
		code = nodes_build(predict, &nodes);
	if (!code)
		code = patterns_each(predict, &nodes, judge, &run);
	predict->stats.tasks = predict->ntasks;
	predict->stats.objects = predict->nobjects;
	sg_intern_destroy(run.keys);
	if (code == -EINTR)
		return sg_error_set(err, code, "interrupted");
	return code ? sg_error_set(err, code, "cannot analyse: %s", strerror(-code)) : 0;
}

const struct sg_finding *sg_predict_findings(const struct sg_predict *predict, size_t *count)
{
	*count = predict->nfindings;
	return predict->findings;
}

const struct sg_predict_stats *sg_predict_stats(const struct sg_predict *predict)
{
	return &predict->stats;
}
