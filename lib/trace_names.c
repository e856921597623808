// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_names.c - words for operations and kinds of objects
 */
#include <string.h>

#include "slotgate/trace.h"

static const char *const op_words[SG_OP_COUNT] = {
	[SG_OP_ACQUIRE] = "acq",
	[SG_OP_ACQUIRE_SHARED] = "acqr",
	[SG_OP_TRY] = "try",
	[SG_OP_TRY_SHARED] = "tryr",
	[SG_OP_TRY_FAILED] = "tryfail",
	[SG_OP_TRY_SHARED_FAILED] = "tryrfail",
	[SG_OP_RELEASE] = "rel",
	[SG_OP_DRAIN] = "drain",
	[SG_OP_FORK] = "fork",
	[SG_OP_JOIN] = "join",
	[SG_OP_SIGNAL] = "signal",
	[SG_OP_AWAIT] = "await",
};

static const char *const kind_words[SG_OBJ_COUNT] = {
	[SG_OBJ_OTHER] = "other",
	[SG_OBJ_MUTEX] = "mutex",
	[SG_OBJ_RWSEM] = "rwsem",
	[SG_OBJ_DEVICE] = "device",
	[SG_OBJ_CONFIG] = "config",
	[SG_OBJ_SYSFS] = "sysfs",
	[SG_OBJ_THREAD] = "thread",
	[SG_OBJ_WORK] = "work",
	[SG_OBJ_COMPLETION] = "completion",
	[SG_OBJ_OPEN] = "open",
};

const char *sg_trace_op_word(enum sg_trace_op op)
{
	return op_words[op];
}

enum sg_trace_op sg_trace_op_find(const char *word, size_t len)
{
	enum sg_trace_op op = 0;

	while (op < SG_OP_COUNT &&
	       (strlen(op_words[op]) != len || memcmp(op_words[op], word, len)))
		op++;
	return op;
}

bool sg_trace_op_on_task(enum sg_trace_op op)
{
	return op == SG_OP_FORK || op == SG_OP_JOIN;
}

const char *sg_object_kind_word(enum sg_object_kind kind)
{
	return kind_words[kind];
}
