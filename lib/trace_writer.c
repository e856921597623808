// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_writer.c - writing traces, compressed on the way
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "slotgate/cleanup.h"
#include "trace_internal.h"

enum { PLAIN_SIZE = 256 * 1024, PACKED_SIZE = 128 * 1024, LEVEL = 3, VARINT_MAX = 10 };
/* More than any record takes: a stack of the greatest depth, or the longest name. */
enum { RECORD_MAX = SG_TRACE_TEXT_MAX + SG_TRACE_FRAMES_MAX * VARINT_MAX + 64 };

struct sg_trace_writer {
	FILE *file;
	char *path;
	ZSTD_CStream *zstd;
	struct sg_trace_ids ids;
	uint64_t time, events;
	size_t used;
	unsigned char plain[PLAIN_SIZE];
	unsigned char packed[PACKED_SIZE];
};

static int fail(const struct sg_trace_writer *writer, int code, struct sg_error *err)
{
	return sg_error_set(err, code, "cannot write %s: %s", writer->path, strerror(-code));
}

/* Compress what is gathered; with @mode ZSTD_e_end all of it is in the file afterwards. */
static int flush(struct sg_trace_writer *writer, ZSTD_EndDirective mode, struct sg_error *err)
{
	ZSTD_inBuffer in = { writer->plain, writer->used, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { writer->packed, sizeof(writer->packed), 0 };

		left = ZSTD_compressStream2(writer->zstd, &out, &in, mode);
		if (ZSTD_isError(left))
			return fail(writer, -ENOMEM, err);
		if (fwrite(writer->packed, 1, out.pos, writer->file) != out.pos)
			return fail(writer, errno ? -errno : -EIO, err);
	} while (in.pos < in.size || (mode == ZSTD_e_end && left));
	writer->used = 0;
	return 0;
}

static int make_room(struct sg_trace_writer *writer, struct sg_error *err)
{
	if (sizeof(writer->plain) - writer->used >= RECORD_MAX)
		return 0;
	return flush(writer, ZSTD_e_continue, err);
}

static void put_byte(struct sg_trace_writer *writer, unsigned char byte)
{
	writer->plain[writer->used++] = byte;
}

static void put_number(struct sg_trace_writer *writer, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(writer, value | 0x80);
	put_byte(writer, value);
}

static size_t number_size(uint64_t value)
{
	size_t size = 1;

	while (value >>= 7)
		size++;
	return size;
}

static void put_text(struct sg_trace_writer *writer, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put_byte(writer, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
}

static void put_event(struct sg_trace_writer *writer, const struct sg_trace_record *record)
{
	/* Clocks of several processors may disagree a little; time never goes back. */
	uint64_t time = record->time > writer->time ? record->time : writer->time;

	put_byte(writer, record->op);
	put_number(writer, record->task);
	put_number(writer, record->object);
	put_number(writer, record->stack);
	put_number(writer, time - writer->time);
	writer->time = time;
	writer->events++;
}

static void put_named(struct sg_trace_writer *writer, enum sg_trace_tag tag,
		      const struct sg_trace_record *record)
{
	size_t len = strnlen(record->text, SG_TRACE_TEXT_MAX);

	put_byte(writer, tag);
	put_number(writer, len + (tag == TAG_OBJECT));
	if (tag == TAG_OBJECT)
		put_byte(writer, record->kind);
	put_text(writer, record->text, len);
}

static void put_stack(struct sg_trace_writer *writer, const struct sg_trace_record *record)
{
	size_t count = record->nframes < SG_TRACE_FRAMES_MAX ? record->nframes :
							       SG_TRACE_FRAMES_MAX;
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += number_size(record->frames[i]);
	put_byte(writer, TAG_STACK);
	put_number(writer, size);
	for (size_t i = 0; i < count; i++)
		put_number(writer, record->frames[i]);
}

static void put_count(struct sg_trace_writer *writer, enum sg_trace_tag tag, uint64_t count)
{
	put_byte(writer, tag);
	put_number(writer, number_size(count));
	put_number(writer, count);
}

/* Definitions: what they are written as, and which ids they take. */
static const struct {
	enum sg_trace_tag tag;
	size_t counter;		/* in struct sg_trace_ids */
	uint32_t first;
} definitions[] = {
	[SG_TRACE_TASK] = { TAG_TASK, offsetof(struct sg_trace_ids, tasks), 0 },
	[SG_TRACE_OBJECT] = { TAG_OBJECT, offsetof(struct sg_trace_ids, objects), 0 },
	[SG_TRACE_SYMBOL] = { TAG_SYMBOL, offsetof(struct sg_trace_ids, symbols), 1 },
	[SG_TRACE_STACK] = { TAG_STACK, offsetof(struct sg_trace_ids, stacks), 1 },
};

static int put_definition(struct sg_trace_writer *writer, const struct sg_trace_record *record,
			  struct sg_error *err)
{
	uint32_t *count = (uint32_t *)((char *)&writer->ids + definitions[record->type].counter);
	uint32_t next = *count + definitions[record->type].first;

	if (record->id != next || *count == SG_TRACE_IDS_MAX)
		return sg_error_set(err, -EINVAL, "%s: id %u where %u comes next", writer->path,
				    record->id, next);
	++*count;
	if (record->type == SG_TRACE_STACK)
		put_stack(writer, record);
	else
		put_named(writer, definitions[record->type].tag, record);
	return 0;
}

int sg_trace_write(struct sg_trace_writer *writer, const struct sg_trace_record *record,
		   struct sg_error *err)
{
	int code = make_room(writer, err);

	if (code)
		return code;
	if (record->type == SG_TRACE_EVENT)
		put_event(writer, record);
	else if (record->type == SG_TRACE_META)
		put_named(writer, TAG_META, record);
	else if (record->type == SG_TRACE_LOST)
		put_count(writer, TAG_LOST, record->count);
	else
		code = put_definition(writer, record, err);
	return code;
}

int sg_trace_write_task(struct sg_trace_writer *writer, const char *name, uint32_t *ret,
			struct sg_error *err)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_TASK, .id = writer->ids.tasks, .text = name,
	};
	int code = sg_trace_write(writer, &record, err);

	if (!code && ret)
		*ret = record.id;
	return code;
}

int sg_trace_write_object(struct sg_trace_writer *writer, enum sg_object_kind kind,
			  const char *name, uint32_t *ret, struct sg_error *err)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_OBJECT, .id = writer->ids.objects, .kind = kind, .text = name,
	};
	int code = sg_trace_write(writer, &record, err);

	if (!code && ret)
		*ret = record.id;
	return code;
}

int sg_trace_write_event(struct sg_trace_writer *writer, uint32_t task, enum sg_trace_op op,
			 uint32_t object, struct sg_error *err)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_EVENT, .op = op, .task = task, .object = object,
	};

	return sg_trace_write(writer, &record, err);
}

void sg_trace_abandon(struct sg_trace_writer *writer)
{
	if (!writer)
		return;
	if (writer->file)
		fclose(writer->file);
	ZSTD_freeCStream(writer->zstd);
	free(writer->path);
	free(writer);
}

static void abandon(struct sg_trace_writer **writer)
{
	sg_trace_abandon(*writer);
}

int sg_trace_finish(struct sg_trace_writer *handed, struct sg_error *err)
{
	sg_cleanup(abandon) struct sg_trace_writer *writer = handed;
	FILE *file;
	int code = make_room(writer, err);

	if (code)
		return code;
	put_count(writer, TAG_END, writer->events);
	code = flush(writer, ZSTD_e_end, err);
	file = sg_steal(writer->file);
	if (fclose(file) && !code)
		code = fail(writer, -errno, err);
	return code;
}

int sg_trace_create(const char *path, struct sg_trace_writer **ret, struct sg_error *err)
{
	sg_cleanup(abandon) struct sg_trace_writer *writer = malloc(sizeof(*writer));

	if (!writer)
		return sg_error_set(err, -ENOMEM, "cannot write %s: no memory", path);
	memset(writer, 0, offsetof(struct sg_trace_writer, plain));
	writer->path = strdup(path);
	writer->zstd = ZSTD_createCStream();
	if (!writer->path || !writer->zstd ||
	    ZSTD_isError(ZSTD_initCStream(writer->zstd, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1)))
		return sg_error_set(err, -ENOMEM, "cannot write %s: no memory", path);
	writer->file = fopen(path, "we");
	if (!writer->file)
		return sg_error_set(err, -errno, "cannot write %s: %m", path);
	memcpy(writer->plain, SG_TRACE_MAGIC, SG_TRACE_MAGIC_LEN);
	writer->used = SG_TRACE_MAGIC_LEN;
	*ret = sg_steal(writer);
	return 0;
}
