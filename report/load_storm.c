// SPDX-License-Identifier: GPL-2.0-only
/*
 * load_storm.c - what a storm on a machine of one's own left: its beginning and its end
 */
#include <errno.h>
#include <string.h>

#include "json.h"
#include "load.h"
#include "slotgate/strv.h"

static void copy_member(struct json_object *from, struct json_object *to, const char *name)
{
	struct json_object *member = NULL;

	if (json_object_object_get_ex(from, name, &member))
		json_object_object_add(to, name, json_object_get(member));
}

/* In the form of a run, as far as a storm has that. */
static struct json_object *result_of(struct json_object *end)
{
	struct json_object *result = json_object_new_object();

	copy_member(end, result, "verdict");
	copy_member(end, result, "reason");
	json_object_object_add(result, "seconds",
			       json_object_new_double(json_number(end, "elapsed_ms") / 1000.0));
	return result;
}

int load_storm(struct report_entry *entry, struct json_object *storm)
{
	struct json_object *begin = json_object_of(storm, "begin"), *end = json_object_of(storm, "end");
	char *title = sg_format("storm on this machine, seed %lld", json_number(begin, "seed"));

	if (!title)
		return -ENOMEM;
	free(entry->title);
	entry->title = title;
	entry->records = json_object_new_array();
	if (begin)
		json_object_array_add(entry->records, json_object_get(begin));
	if (end) {
		json_object_array_add(entry->records, json_object_get(end));
		entry->result = result_of(end);
	}
	return 0;
}
