// SPDX-License-Identifier: GPL-2.0-only
/*
 * result.c - how a run went
 */
#include <string.h>

#include "slotgate/vm.h"

static const char *const verdict_names[] = {
	[SG_PASSED] = "passed",	  [SG_HUNG] = "hung",	    [SG_LOST] = "lost",
	[SG_WRONG] = "wrong",	  [SG_CRASHED] = "crashed", [SG_FAILED] = "failed",
	[SG_SKIPPED] = "skipped", [SG_STOPPED] = "stopped",
};

const char *sg_verdict_name(enum sg_verdict verdict)
{
	return verdict_names[verdict];
}

bool sg_verdict_is_finding(enum sg_verdict verdict)
{
	return verdict == SG_HUNG || verdict == SG_WRONG || verdict == SG_CRASHED;
}

void sg_result_deinit(struct sg_result *result)
{
	json_object_put(result->evidence);
	json_object_put(result->counters);
	json_object_put(result->times);
	sg_strv_deinit(&result->complaints);
	*result = (struct sg_result){0};
}

struct json_object *sg_result_json(const struct sg_result *result)
{
	struct json_object *object = json_object_new_object();
	struct json_object *complaints = json_object_new_array();

	for (size_t i = 0; i < result->complaints.count; i++)
		json_object_array_add(complaints,
				      json_object_new_string(result->complaints.items[i]));
	json_object_object_add(object, "verdict",
			       json_object_new_string(sg_verdict_name(result->verdict)));
	json_object_object_add(object, "reason", json_object_new_string(result->reason));
	json_object_object_add(object, "release", json_object_new_string(result->release));
	json_object_object_add(object, "seconds", json_object_new_double(result->seconds));
	json_object_object_add(object, "guest_seconds",
			       json_object_new_double(result->guest_seconds));
	json_object_object_add(object, "times_ms", json_object_get(result->times));
	json_object_object_add(object, "counters", json_object_get(result->counters));
	json_object_object_add(object, "complaints", complaints);
	json_object_object_add(object, "evidence", json_object_get(result->evidence));
	return object;
}
