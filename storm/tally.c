// SPDX-License-Identifier: GPL-2.0-only
/*
 * tally.c - calls by kind: how many, how many refused, how long they took
 */
#include <stdlib.h>
#include <string.h>

#include "storm.h"

struct storm_kind {
	const char *name;
	unsigned int *ms;
	size_t count, room;
	unsigned int refused;
};

static struct storm_kind *get_kind(struct storm *storm, const char *name)
{
	struct storm_kind *kinds;

	for (size_t i = 0; i < storm->nkinds; i++)
		if (!strcmp(storm->kinds[i].name, name))
			return &storm->kinds[i];
	kinds = reallocarray(storm->kinds, storm->nkinds + 1, sizeof(*kinds));
	if (!kinds)
		return NULL;
	storm->kinds = kinds;
	kinds[storm->nkinds] = (struct storm_kind){ .name = name };
	return &kinds[storm->nkinds++];
}

static void add_time(struct storm_kind *kind, unsigned int ms)
{
	if (kind->count == kind->room) {
		size_t room = kind->room ? 2 * kind->room : 64;
		unsigned int *more = reallocarray(kind->ms, room, sizeof(*more));

		if (!more)
			return;
		kind->ms = more;
		kind->room = room;
	}
	kind->ms[kind->count++] = ms;
}

void storm_tally_add(struct storm *storm, const struct storm_sample *sample)
{
	struct storm_slot_tally *slot = &storm->slots[sample->slot];
	struct storm_kind *kind = get_kind(storm, sample->kind);

	slot->ops++;
	slot->refused += !!sample->err;
	if (sample->ms > slot->slowest_ms)
		slot->slowest_ms = sample->ms;
	if (!kind)
		return;
	kind->refused += !!sample->err;
	add_time(kind, sample->ms);
}

static int by_time(const void *a, const void *b)
{
	unsigned int left = *(const unsigned int *)a, right = *(const unsigned int *)b;

	return left < right ? -1 : left > right;
}

static void add_percentile(struct json_object *object, const char *name,
			   const struct storm_kind *kind, unsigned int percent)
{
	size_t at = kind->count * percent / 100;

	if (at >= kind->count)
		at = kind->count - 1;
	json_object_object_add(object, name, json_object_new_int64(kind->ms[at]));
}

static struct json_object *kind_json(const struct storm_kind *kind)
{
	struct json_object *object = json_object_new_object();

	qsort(kind->ms, kind->count, sizeof(*kind->ms), by_time);
	json_object_object_add(object, "kind", json_object_new_string(kind->name));
	json_object_object_add(object, "calls", json_object_new_int64(kind->count));
	json_object_object_add(object, "refused", json_object_new_int64(kind->refused));
	add_percentile(object, "p50_ms", kind, 50);
	add_percentile(object, "p95_ms", kind, 95);
	add_percentile(object, "p99_ms", kind, 99);
	add_percentile(object, "max_ms", kind, 100);
	return object;
}

struct json_object *storm_tally_json(const struct storm *storm)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < storm->nkinds; i++)
		if (storm->kinds[i].count)
			json_object_array_add(list, kind_json(&storm->kinds[i]));
	return list;
}

void storm_tally_deinit(struct storm *storm)
{
	for (size_t i = 0; i < storm->nkinds; i++)
		free(storm->kinds[i].ms);
	free(storm->kinds);
	storm->kinds = NULL;
	storm->nkinds = 0;
}
