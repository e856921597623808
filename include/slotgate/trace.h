/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - traces of locks and waits: what they hold, reading and writing them
 *
 * docs/TRACE.md has the file format.  Reader and writer stream: their memory
 * does not grow with the file (text has to remember names, and nothing else).
 *
 * Errors are negative errno values throughout.
 */
#ifndef SLOTGATE_TRACE_H
#define SLOTGATE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "slotgate/error.h"
#include "slotgate/trace_op.h"

#define SG_TRACE_TEXT_MAX 4096	/* bytes of a name */
#define SG_TRACE_FRAMES_MAX 128	/* functions of a stack */
#define SG_TRACE_NO_STACK 0	/* stacks and symbols are counted from 1 */

/** enum sg_object_kind - what an object is; matters for words only */
enum sg_object_kind {
	SG_OBJ_OTHER,
	SG_OBJ_MUTEX,
	SG_OBJ_RWSEM,
	SG_OBJ_DEVICE,		/* device lock */
	SG_OBJ_CONFIG,		/* config access of a device is blocked */
	SG_OBJ_SYSFS,		/* being inside a sysfs file */
	SG_OBJ_THREAD,		/* a thread is at work */
	SG_OBJ_WORK,		/* a work item is being done */
	SG_OBJ_COMPLETION,
	SG_OBJ_OPEN,		/* somebody has a device open */
	SG_OBJ_COUNT
};

enum sg_trace_type {
	SG_TRACE_EVENT,
	SG_TRACE_META,		/* @text: "key=value" */
	SG_TRACE_TASK,		/* task @id is called @text */
	SG_TRACE_OBJECT,	/* object @id, of @kind, is called @text */
	SG_TRACE_SYMBOL,	/* symbol @id is called @text */
	SG_TRACE_STACK,		/* stack @id has @frames (symbols), innermost first */
	SG_TRACE_LOST,		/* @count events were lost here */
};

/**
 * struct sg_trace_record - one record
 * @time: ns since the trace began
 * @text, @frames: until the next record is read
 *
 * Ids ascend without gaps in the order of definition, before they are used:
 * tasks and objects from 0, symbols and stacks from 1.
 */
struct sg_trace_record {
	enum sg_trace_type type;
	enum sg_trace_op op;
	uint32_t task;
	uint32_t object;
	uint32_t stack;
	uint64_t time;
	uint32_t id;
	enum sg_object_kind kind;
	const char *text;
	const uint32_t *frames;
	size_t nframes;
	uint64_t count;
};

/** sg_trace_op_word - as in RAPID's STD text, which lacks all but acq, rel, fork and join */
const char *sg_trace_op_word(enum sg_trace_op op);
/** sg_trace_op_find - SG_OP_COUNT if there is none with that word */
enum sg_trace_op sg_trace_op_find(const char *word, size_t len);
/** sg_trace_op_on_task - is the object of @op a task? */
bool sg_trace_op_on_task(enum sg_trace_op op);

/** sg_object_kind_word - "mutex", "device", ... */
const char *sg_object_kind_word(enum sg_object_kind kind);

/* --- reading --- */

struct sg_trace_reader;

/**
 * struct sg_trace_source - where the bytes come from
 * @read: at most @size bytes into @buf; 0 at the end, or a negative errno
 */
struct sg_trace_source {
	ssize_t (*read)(void *data, void *buf, size_t size);
	void *data;
};

/**
 * sg_trace_open - read the trace or STD text in @path ("-": standard input)
 *
 * Which of both it is shows in the first bytes.
 */
int sg_trace_open(const char *path, struct sg_trace_reader **ret, struct sg_error *err);

/** sg_trace_open_source - the same from @source; @name is for complaints */
int sg_trace_open_source(const struct sg_trace_source *source, const char *name,
			 struct sg_trace_reader **ret, struct sg_error *err);

/**
 * sg_trace_read - the next record
 *
 * Returns 1, 0 at the end, or a negative errno with a reason that names file
 * and record.  After an error the reader is of no more use.
 */
int sg_trace_read(struct sg_trace_reader *reader, struct sg_trace_record *ret,
		  struct sg_error *err);

/** sg_trace_position - number of the record (STD: line) that was read last, from 1 */
uint64_t sg_trace_position(const struct sg_trace_reader *reader);
/** sg_trace_offset - bytes of the file that were taken in so far */
uint64_t sg_trace_offset(const struct sg_trace_reader *reader);
/** sg_trace_cut_short - at the end: the writer did not come to its own end */
bool sg_trace_cut_short(const struct sg_trace_reader *reader);
void sg_trace_close(struct sg_trace_reader *reader);

/* --- writing --- */

struct sg_trace_writer;

/** sg_trace_create - write to @path; it is a whole trace once sg_trace_finish() returned 0 */
int sg_trace_create(const char *path, struct sg_trace_writer **ret, struct sg_error *err);

/**
 * sg_trace_write - append @record
 *
 * The ids of definitions are checked, those of events are trusted.  What is no
 * printable ASCII in names becomes "?".
 */
int sg_trace_write(struct sg_trace_writer *writer, const struct sg_trace_record *record,
		   struct sg_error *err);

/* Shorthands; each returns the new id through @ret, which may be NULL. */
int sg_trace_write_task(struct sg_trace_writer *writer, const char *name, uint32_t *ret,
			struct sg_error *err);
int sg_trace_write_object(struct sg_trace_writer *writer, enum sg_object_kind kind,
			  const char *name, uint32_t *ret, struct sg_error *err);
int sg_trace_write_event(struct sg_trace_writer *writer, uint32_t task, enum sg_trace_op op,
			 uint32_t object, struct sg_error *err);

/** sg_trace_finish - end and close the file; frees @writer in any case */
int sg_trace_finish(struct sg_trace_writer *writer, struct sg_error *err);
/** sg_trace_abandon - close and free; the file stays cut short */
void sg_trace_abandon(struct sg_trace_writer *writer);

/* --- STD text --- */

/**
 * sg_trace_export_std - all events of @reader as STD text
 *
 * Blanks and the signs "|()" in names become "_".  The third column is the
 * event's number.
 */
int sg_trace_export_std(struct sg_trace_reader *reader, FILE *out, struct sg_error *err);

#endif
