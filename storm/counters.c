// SPDX-License-Identifier: GPL-2.0-only
/*
 * counters.c - what the module counted meanwhile, of all slots together
 */
#include <string.h>

#include "slotgate/livepatch.h"
#include "storm.h"

static struct sg_counter *get(struct sg_counters *sums, const char *name)
{
	for (size_t i = 0; i < sums->count; i++)
		if (!strcmp(sums->counter[i].name, name))
			return &sums->counter[i];
	if (sums->count == SG_COUNTERS_MAX)
		return NULL;
	strcpy(sums->counter[sums->count].name, name);
	return &sums->counter[sums->count++];
}

/* Times are the longest so far; everything else adds up. */
static bool is_time(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && !strcmp(name + len - 3, "_ms");
}

static void add(struct sg_counters *sums, const struct sg_counters *slot)
{
	for (size_t i = 0; i < slot->count; i++) {
		const struct sg_counter *one = &slot->counter[i];
		struct sg_counter *sum = get(sums, one->name);

		if (!sum)
			continue;
		if (!is_time(one->name))
			sum->value += one->value;
		else if (one->value > sum->value)
			sum->value = one->value;
	}
}

static struct sg_counters sum_up(const struct sg_patch_status *status)
{
	struct sg_counters sums = { .count = 0 };

	for (size_t i = 0; i < status->nslots; i++)
		add(&sums, &status->slots[i]);
	return sums;
}

void storm_counters_begin(struct storm *storm)
{
	struct sg_patch_status status;

	storm->counters = (struct sg_counters){ .count = 0 };
	if (sg_patch_read("", &status))
		return;
	storm->counters = sum_up(&status);
	sg_patch_status_deinit(&status);
}

/* The slots of a port that went and came again begin at zero. */
static unsigned long since(const struct sg_counters *before, const struct sg_counter *now)
{
	for (size_t i = 0; i < before->count; i++)
		if (!strcmp(before->counter[i].name, now->name) && !is_time(now->name) &&
		    before->counter[i].value <= now->value)
			return now->value - before->counter[i].value;
	return now->value;
}

struct json_object *storm_counters_json(const struct storm *storm)
{
	struct json_object *json = json_object_new_object(), *list = json_object_new_object();
	struct sg_patch_status status;
	struct sg_counters now;

	json_object_object_add(json, "counters", list);
	if (sg_patch_read("", &status))
		return json;
	now = sum_up(&status);
	for (size_t i = 0; i < now.count; i++)
		json_object_object_add(list, now.counter[i].name,
				       json_object_new_int64(since(&storm->counters,
								   &now.counter[i])));
	json_object_object_add(json, "state",
			       json_object_new_string(sg_patch_state_name(status.state)));
	json_object_object_add(json, "version",
			       json_object_new_string(status.state == SG_PATCH_NONE ? "" :
						      status.version));
	sg_patch_status_deinit(&status);
	return json;
}
