// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_reader.c - the records of a trace
 *
 * Nothing in a file is believed: every number and id is checked, and memory
 * does not depend on what the file says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace_internal.h"

enum { EVENT_MAX = 1 + 3 * 5 + 10, SKIP_MAX = 1 << 20 };

/* A piece of the file that is being taken apart. */
struct cursor {
	const unsigned char *at, *end;
	bool wrong;		/* a number was out of range, rather than not all there */
};

static int bad(const struct sg_trace_reader *reader, struct sg_error *err, const char *what)
{
	return sg_error_set(err, -EBADMSG, "%s: record %llu: %s", reader->name,
			    (unsigned long long)reader->position, what);
}

/* The file ended inside a record: what came before is good. */
static int cut(struct sg_trace_reader *reader)
{
	reader->position--;
	reader->cut_short = reader->ended = true;
	return 0;
}

int sg_trace_read_error(const struct sg_trace_reader *reader, int code, struct sg_error *err)
{
	if (code == -EBADMSG)
		return bad(reader, err, "the compression is damaged here");
	return sg_error_set(err, code, "cannot read %s: %s", reader->name, strerror(-code));
}

/* At most @max; false when the number is greater, or does not end. */
static bool number(struct cursor *cursor, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; cursor->at < cursor->end; shift += 7) {
		unsigned char byte = *cursor->at++;

		if (shift > 63 || (shift == 63 && byte > 1))
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*ret = value;
		cursor->wrong = value > max;
		return !cursor->wrong;
	}
	cursor->wrong = cursor->at < cursor->end;
	return false;
}

static bool small_number(struct cursor *cursor, uint32_t count, uint32_t *ret)
{
	uint64_t value;

	if (cursor->at < cursor->end && *cursor->at < 0x80)
		value = *cursor->at++;
	else if (!number(cursor, UINT32_MAX, &value))
		return false;
	*ret = value;
	cursor->wrong = value >= count;
	return !cursor->wrong;
}

static int read_event(struct sg_trace_reader *reader, struct cursor *cursor,
		      struct sg_trace_record *ret, struct sg_error *err)
{
	const unsigned char *begin = cursor->at;
	uint64_t delta;

	ret->type = SG_TRACE_EVENT;
	ret->op = *cursor->at++;
	if (ret->op >= SG_OP_COUNT)
		return bad(reader, err, "an operation that does not exist");
	if (!small_number(cursor, reader->ids.tasks, &ret->task))
		goto wrong_task;
	if (!small_number(cursor, sg_trace_op_on_task(ret->op) ? reader->ids.tasks :
			  reader->ids.objects, &ret->object))
		goto wrong_object;
	if (!small_number(cursor, reader->ids.stacks + 1, &ret->stack))
		goto wrong_stack;
	if (!number(cursor, INT64_MAX - reader->time, &delta))
		goto wrong_time;
	ret->time = reader->time += delta;
	reader->events++;
	sg_bytes_skip(reader->bytes, cursor->at - begin);
	return 1;

wrong_task:
	return cursor->wrong ? bad(reader, err, "a task that was not defined") : cut(reader);
wrong_object:
	return cursor->wrong ? bad(reader, err, "an object that was not defined") : cut(reader);
wrong_stack:
	return cursor->wrong ? bad(reader, err, "a stack that was not defined") : cut(reader);
wrong_time:
	return cursor->wrong ? bad(reader, err, "a time out of range") : cut(reader);
}

static int take_text(struct sg_trace_reader *reader, struct cursor *cursor,
		     struct sg_trace_record *ret, struct sg_error *err)
{
	size_t len = cursor->end - cursor->at;

	if (len > SG_TRACE_TEXT_MAX)
		return bad(reader, err, "a name that is too long");
	for (size_t i = 0; i < len; i++)
		if (cursor->at[i] < ' ' || cursor->at[i] > '~')
			return bad(reader, err, "a name with signs that cannot be printed");
	memcpy(reader->text, cursor->at, len);
	reader->text[len] = '\0';
	ret->text = reader->text;
	return 1;
}

static int take_id(struct sg_trace_reader *reader, uint32_t *count, uint32_t first,
		   struct sg_trace_record *ret, struct sg_error *err)
{
	if (*count == SG_TRACE_IDS_MAX)
		return bad(reader, err, "too many definitions");
	ret->id = (*count)++ + first;
	return 1;
}

static int take_meta(struct sg_trace_reader *reader, struct cursor *cursor,
		     struct sg_trace_record *ret, struct sg_error *err)
{
	return take_text(reader, cursor, ret, err);
}

static int take_task(struct sg_trace_reader *reader, struct cursor *cursor,
		     struct sg_trace_record *ret, struct sg_error *err)
{
	int code = take_id(reader, &reader->ids.tasks, 0, ret, err);

	return code < 0 ? code : take_text(reader, cursor, ret, err);
}

static int take_object(struct sg_trace_reader *reader, struct cursor *cursor,
		       struct sg_trace_record *ret, struct sg_error *err)
{
	int code = take_id(reader, &reader->ids.objects, 0, ret, err);

	if (code < 0)
		return code;
	if (cursor->at == cursor->end)
		return bad(reader, err, "an object without kind");
	/* A kind of a later version: the name has to do. */
	ret->kind = *cursor->at < SG_OBJ_COUNT ? *cursor->at : SG_OBJ_OTHER;
	cursor->at++;
	return take_text(reader, cursor, ret, err);
}

static int take_symbol(struct sg_trace_reader *reader, struct cursor *cursor,
		       struct sg_trace_record *ret, struct sg_error *err)
{
	int code = take_id(reader, &reader->ids.symbols, 1, ret, err);

	return code < 0 ? code : take_text(reader, cursor, ret, err);
}

static int take_stack(struct sg_trace_reader *reader, struct cursor *cursor,
		      struct sg_trace_record *ret, struct sg_error *err)
{
	int code = take_id(reader, &reader->ids.stacks, 1, ret, err);

	if (code < 0)
		return code;
	for (ret->nframes = 0; cursor->at < cursor->end; ret->nframes++) {
		uint32_t *frame = &reader->frames[ret->nframes];

		if (ret->nframes == SG_TRACE_FRAMES_MAX)
			return bad(reader, err, "a stack that is too deep");
		if (!small_number(cursor, reader->ids.symbols + 1, frame) || !*frame)
			return bad(reader, err, "a symbol that was not defined");
	}
	ret->frames = reader->frames;
	return 1;
}

static int take_lost(struct sg_trace_reader *reader, struct cursor *cursor,
		     struct sg_trace_record *ret, struct sg_error *err)
{
	if (!number(cursor, UINT64_MAX, &ret->count) || cursor->at != cursor->end)
		return bad(reader, err, "no count of lost events");
	return 1;
}

static int take_end(struct sg_trace_reader *reader, struct cursor *cursor,
		    struct sg_trace_record *ret, struct sg_error *err)
{
	uint64_t count;

	(void)ret;
	if (!number(cursor, UINT64_MAX, &count) || count != reader->events)
		return bad(reader, err, "the trace ends with another number of events than it had");
	reader->ended = true;
	return 0;
}

static const struct {
	enum sg_trace_type type;
	int (*take)(struct sg_trace_reader *reader, struct cursor *cursor,
		    struct sg_trace_record *ret, struct sg_error *err);
} definitions[] = {
	[TAG_META - TAG_FIRST] = { SG_TRACE_META, take_meta },
	[TAG_TASK - TAG_FIRST] = { SG_TRACE_TASK, take_task },
	[TAG_OBJECT - TAG_FIRST] = { SG_TRACE_OBJECT, take_object },
	[TAG_SYMBOL - TAG_FIRST] = { SG_TRACE_SYMBOL, take_symbol },
	[TAG_STACK - TAG_FIRST] = { SG_TRACE_STACK, take_stack },
	[TAG_LOST - TAG_FIRST] = { SG_TRACE_LOST, take_lost },
	[TAG_END - TAG_FIRST] = { 0, take_end },
};
#define NDEFINITIONS (sizeof(definitions) / sizeof(*definitions))

/* What a later version wrote and this one need not know. */
static int skip(struct sg_trace_reader *reader, size_t size, struct sg_error *err)
{
	while (size) {
		size_t step = size < SG_BYTES_NEED_MAX ? size : SG_BYTES_NEED_MAX;
		const unsigned char *data;
		ssize_t have = sg_bytes_need(reader->bytes, step, &data);

		if (have < 0)
			return sg_trace_read_error(reader, have, err);
		if ((size_t)have < step)
			return cut(reader);
		sg_bytes_skip(reader->bytes, step);
		size -= step;
	}
	return 1;
}

/*
 * Everything but events has its length in front.  Returns 1 with a record,
 * 0 at the end, 2 when a record was skipped.
 */
static int read_definition(struct sg_trace_reader *reader, struct cursor *cursor,
			   struct sg_trace_record *ret, struct sg_error *err)
{
	const unsigned char *begin = cursor->at;
	unsigned int index = *cursor->at++ - TAG_FIRST;
	ssize_t have;
	uint64_t size;
	size_t head;
	int code;

	if (index > TAG_LAST - TAG_FIRST)
		return bad(reader, err, "an operation that does not exist");
	if (!number(cursor, SKIP_MAX, &size))
		return cursor->wrong ? bad(reader, err, "a length out of range") : cut(reader);
	head = cursor->at - begin;
	if (index >= NDEFINITIONS) {
		sg_bytes_skip(reader->bytes, head);
		code = skip(reader, size, err);
		return code == 1 ? 2 : code;
	}
	if (head + size > SG_BYTES_NEED_MAX)
		return bad(reader, err, "a length out of range");
	have = sg_bytes_need(reader->bytes, head + size, &begin);
	if (have < 0)
		return sg_trace_read_error(reader, have, err);
	if ((size_t)have < head + size)
		return cut(reader);
	*cursor = (struct cursor){ .at = begin + head, .end = begin + head + size };
	ret->type = definitions[index].type;
	code = definitions[index].take(reader, cursor, ret, err);
	sg_bytes_skip(reader->bytes, head + size);
	return code;
}

/* The end of the compression has its checksum, and nothing comes behind it. */
static int check_end(struct sg_trace_reader *reader, struct sg_error *err)
{
	const unsigned char *data;
	ssize_t have = sg_bytes_need(reader->bytes, 1, &data);

	if (have < 0)
		return sg_trace_read_error(reader, have, err);
	return have ? bad(reader, err, "something comes behind the end") : 0;
}

int sg_trace_read_record(struct sg_trace_reader *reader, struct sg_trace_record *ret,
		       struct sg_error *err)
{
	struct cursor cursor = {0};
	ssize_t have;
	int code;

	reader->position++;
	have = sg_bytes_need(reader->bytes, EVENT_MAX, &cursor.at);
	if (have < 0)
		return sg_trace_read_error(reader, have, err);
	if (!have)
		return cut(reader);
	cursor.end = cursor.at + have;
	if (*cursor.at < TAG_FIRST)
		return read_event(reader, &cursor, ret, err);
	code = read_definition(reader, &cursor, ret, err);
	return reader->ended && !reader->cut_short && !code ? check_end(reader, err) : code;
}
