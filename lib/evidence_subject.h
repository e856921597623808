/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evidence_subject.h - which device, slot or file a function on a stack works on
 */
#ifndef SLOTGATE_EVIDENCE_SUBJECT_H
#define SLOTGATE_EVIDENCE_SUBJECT_H

#include "evidence_internal.h"

/* Which one of its kind: how a row finds name or slot of its resource. */
enum subject {
	NOTHING,	/* there is only one */
	CALL,		/* device that this very call works on */
	OUTER_CALL,	/* device that the nearest recorded call further out works on */
	OUTER_PORT,	/* port, one of whose services that is */
	CALL_SLOT,	/* slot of that device; of a port: the slot below it */
	SLOT_DEVICE,	/* device in that slot */
	CALL_BRIDGE,	/* the port of the slot of the device that this call works on */
	CALL_PORT,	/* slot of the port that a recorded call further out works on */
	THREAD_SLOT,	/* slot whose interrupt thread the task is */
	TASK_FILE,	/* sysfs file that the task reads or writes */
	FILE_SLOT,	/* slot whose folder that file is in */
	ROLE_DEVICE,	/* device that the agent started the process for */
};

/** struct context - the task whose stack is being looked at */
struct context {
	struct json_object *evidence;
	struct json_object *task;
	struct json_object *stack;
	size_t depth;
	char *inferred;		/* SG_ADDRESS_SIZE bytes */
};

const char *frame_name(const struct context *ctx, size_t frame);
/** is_function - the compiler's own variants ("__kernfs_remove.part.0") are the function as well */
bool is_function(const char *have, const char *want);
/** slot_number - 0 for no slot */
unsigned int slot_number(struct json_object *slot);
/** find_subject - set name or slot of @res, as far as it is told */
void find_subject(const struct context *ctx, enum subject subject, size_t frame,
		  struct sg_resource *res);

#endif
