// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_load.c - take traces in, and say what ids stand for
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

enum { PROGRESS_EVERY = 1 << 20 };

/* Ids of one file to those of all. */
struct map {
	uint32_t *ids;
	uint32_t count, room;
};

struct loading {
	struct sg_predict *predict;
	struct map tasks, objects, symbols, stacks;
};

static void loading_deinit(struct loading *loading)
{
	free(loading->tasks.ids);
	free(loading->objects.ids);
	free(loading->symbols.ids);
	free(loading->stacks.ids);
}

static int map_add(struct map *map, uint32_t id)
{
	if (!grow(map->ids, map->count, map->room))
		return -ENOMEM;
	map->ids[map->count++] = id;
	return 0;
}

static int add_task(struct loading *loading, const char *name)
{
	struct sg_predict *predict = loading->predict;
	struct task *task;

	if (!grow(predict->tasks, predict->ntasks, predict->task_room))
		return -ENOMEM;
	task = &predict->tasks[predict->ntasks];
	*task = (struct task){ .file = predict->stats.files, .name = strdup(name) };
	if (!task->name)
		return -ENOMEM;
	return map_add(&loading->tasks, predict->ntasks++);
}

/* A name that comes again in one file is another object, and met nowhere else. */
static int add_object(struct loading *loading, enum sg_object_kind kind, const char *name)
{
	struct sg_predict *predict = loading->predict;
	char key[SG_TRACE_TEXT_MAX + 16];
	struct object *object;
	bool added = true;
	uint32_t id;

	snprintf(key, sizeof(key), "%d %s", kind, name);
	if (*name && sg_intern(predict->object_names, key, strlen(key), &id, &added))
		return -ENOMEM;
	if (*name && !added) {
		object = &predict->objects[predict->object_ids[id]];
		if (object->last_file != predict->stats.files) {
			object->last_file = predict->stats.files;
			return map_add(&loading->objects, predict->object_ids[id]);
		}
	}
	if (!grow(predict->objects, predict->nobjects, predict->object_room))
		return -ENOMEM;
	if (*name && added) {
		if (!grow(predict->object_ids, id, predict->object_id_room))
			return -ENOMEM;
		predict->object_ids[id] = predict->nobjects;
	}
	object = &predict->objects[predict->nobjects];
	*object = (struct object){
		.kind = kind, .name = strdup(name), .last_file = predict->stats.files,
	};
	if (!object->name)
		return -ENOMEM;
	return map_add(&loading->objects, predict->nobjects++);
}

static int add_symbol(struct loading *loading, const char *name)
{
	bool added;
	uint32_t id;
	int err = sg_intern(loading->predict->symbols, name, strlen(name), &id, &added);

	return err ? err : map_add(&loading->symbols, id);
}

static int keep_frames(struct sg_predict *predict, const uint32_t *frames, size_t count)
{
	if (!grow(predict->stacks, predict->nstacks, predict->stack_room))
		return -ENOMEM;
	while (predict->nframes + count > predict->stack_frame_room)
		if (!grow_array((void **)&predict->frames, predict->stack_frame_room,
				&predict->stack_frame_room, sizeof(*predict->frames)))
			return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		predict->frames[predict->nframes + i] = frames[i];
	predict->stacks[predict->nstacks++] = (struct stack){ predict->nframes, count };
	predict->nframes += count;
	return 0;
}

/* Stacks with the same functions are one. */
static int add_stack(struct loading *loading, const uint32_t *frames, size_t count)
{
	struct sg_predict *predict = loading->predict;
	uint32_t own[SG_TRACE_FRAMES_MAX], id;
	char key[SG_TRACE_FRAMES_MAX * 9 + 1] = "";
	size_t used = 0;
	bool added;
	int err;

	assert(loading->symbols.ids || !count);
	for (size_t i = 0; i < count; i++) {
		own[i] = loading->symbols.ids[frames[i] - 1];
		used += snprintf(key + used, sizeof(key) - used, "%x ", own[i]);
	}
	err = sg_intern(predict->stack_texts, key, used, &id, &added);
	if (!err && added)
		err = keep_frames(predict, own, count);
	return err ? err : map_add(&loading->stacks, id + 1);
}

static int add_event(struct loading *loading, const struct sg_trace_record *record,
		     uint64_t number)
{
	struct sg_trace_record event = *record;

	/* The reader has seen to it that ids are defined before they are used. */
	assert(loading->tasks.ids && (loading->objects.ids || sg_trace_op_on_task(record->op)));
	event.task = loading->tasks.ids[record->task];
	event.object = sg_trace_op_on_task(record->op) ? loading->tasks.ids[record->object] :
							 loading->objects.ids[record->object];
	event.stack = record->stack ? loading->stacks.ids[record->stack - 1] : SG_TRACE_NO_STACK;
	return reduce_event(loading->predict, &event, number);
}

static int add_record(struct loading *loading, const struct sg_trace_record *record,
		      uint64_t number)
{
	switch (record->type) {
	case SG_TRACE_EVENT:
		return add_event(loading, record, number);
	case SG_TRACE_META:
		return 0;
	case SG_TRACE_TASK:
		return add_task(loading, record->text);
	case SG_TRACE_OBJECT:
		return add_object(loading, record->kind, record->text);
	case SG_TRACE_SYMBOL:
		return add_symbol(loading, record->text);
	case SG_TRACE_STACK:
		return add_stack(loading, record->frames, record->nframes);
	case SG_TRACE_LOST:
		loading->predict->stats.lost += record->count;
		return 0;
	}
	return -EINVAL;
}

/* What a run did not give back is nobody's in the next. */
static int end_run(struct loading *loading)
{
	struct sg_predict *predict = loading->predict;

	for (uint32_t i = 0; i < loading->tasks.count; i++) {
		struct task *task = &predict->tasks[loading->tasks.ids[i]];

		for (uint32_t hold = 0; hold < task->nholds; hold++) {
			struct object *object = &predict->objects[task->holds[hold].object];

			object->holders--;
			object->exclusive -= !task->holds[hold].shared;
		}
		task->nholds = 0;
	}
	return 0;
}

int sg_predict_add(struct sg_predict *predict, struct sg_trace_reader *reader,
		   bool (*progress)(void *data, uint64_t events), void *data,
		   struct sg_error *err)
{
	sg_cleanup(loading_deinit) struct loading loading = { .predict = predict };
	struct sg_trace_record record;
	uint64_t base = predict->stats.records;
	int code;

	while ((code = sg_trace_read(reader, &record, err)) > 0) {
		/* Numbers go on from file to file, so that they give an order of all. */
		uint64_t number = base + sg_trace_position(reader);

		code = add_record(&loading, &record, number);
		if (code)
			return sg_error_set(err, code, "record %llu: %s",
					    (unsigned long long)(number - base), strerror(-code));
		if (progress && record.type == SG_TRACE_EVENT &&
		    predict->stats.events % PROGRESS_EVERY == 0 &&
		    !progress(data, predict->stats.events))
			return sg_error_set(err, -EINTR, "interrupted");
	}
	if (code)
		return code;
	predict->stats.records = base + sg_trace_position(reader);
	predict->stats.cut_short += sg_trace_cut_short(reader);
	if (!grow(predict->file_base, predict->stats.files, predict->file_room))
		return sg_error_set(err, -ENOMEM, "no memory");
	predict->file_base[predict->stats.files++] = base;
	return end_run(&loading);
}

const char *sg_predict_task_name(const struct sg_predict *predict, uint32_t task)
{
	return predict->tasks[task].name;
}

size_t sg_predict_task_file(const struct sg_predict *predict, uint32_t task)
{
	return predict->tasks[task].file;
}

const char *sg_predict_object_name(const struct sg_predict *predict, uint32_t object)
{
	return predict->objects[object].name;
}

enum sg_object_kind sg_predict_object_kind(const struct sg_predict *predict, uint32_t object)
{
	return predict->objects[object].kind;
}

const uint32_t *sg_predict_stack(const struct sg_predict *predict, uint32_t stack, size_t *count)
{
	*count = stack ? predict->stacks[stack - 1].count : 0;
	return stack ? predict->frames + predict->stacks[stack - 1].first : NULL;
}

const char *sg_predict_symbol(const struct sg_predict *predict, uint32_t symbol)
{
	return sg_intern_text(predict->symbols, symbol);
}
