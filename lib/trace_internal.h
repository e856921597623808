/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_internal.h - what the files lib/trace_*.c share
 */
#ifndef LIB_TRACE_INTERNAL_H
#define LIB_TRACE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotgate/trace.h"

#define SG_TRACE_MAGIC "slotgate-trace 1\n"
#define SG_TRACE_MAGIC_LEN (sizeof(SG_TRACE_MAGIC) - 1)

enum {
	SG_TRACE_IDS_MAX = 1 << 28,
	SG_TRACE_WINDOW_LOG = 23,	/* memory of the decompressor: 8 MiB */
};

/* First byte of a record.  Below TAG_FIRST it is the operation of an event. */
enum sg_trace_tag {
	TAG_FIRST = 0x40,
	TAG_META = TAG_FIRST,
	TAG_TASK,
	TAG_OBJECT,
	TAG_SYMBOL,
	TAG_STACK,
	TAG_LOST,
	TAG_END,
	TAG_LAST = 0x7f,	/* those up to here that are unknown are skipped */
};

/** struct sg_trace_ids - how many of each were defined */
struct sg_trace_ids {
	uint32_t tasks, objects, symbols, stacks;
};

/* --- trace_bytes.c: bytes of a file, decompressed if need be --- */

struct sg_bytes;

int sg_bytes_create(const struct sg_trace_source *source, struct sg_bytes **ret);
void sg_bytes_destroy(struct sg_bytes *bytes);

/**
 * sg_bytes_need - have at least @size bytes at *@data, fewer only at the end of the file
 *
 * Returns how many there are, which may be more, or a negative errno; -EBADMSG when the
 * compression is damaged.  @size is at most SG_BYTES_NEED_MAX.
 */
ssize_t sg_bytes_need(struct sg_bytes *bytes, size_t size, const unsigned char **data);
void sg_bytes_skip(struct sg_bytes *bytes, size_t size);
/** sg_bytes_truncated - the file ended in the middle of its compression */
bool sg_bytes_truncated(const struct sg_bytes *bytes);
uint64_t sg_bytes_offset(const struct sg_bytes *bytes);

#define SG_BYTES_NEED_MAX 65536

/* --- trace_reader.c: the records of a trace --- */

struct sg_trace_reader {
	struct sg_bytes *bytes;
	struct sg_std *std;		/* NULL: our own format */
	char *name;
	int fd;
	struct sg_trace_ids ids;
	uint64_t time, events, position;
	bool ended, cut_short;
	char text[SG_TRACE_TEXT_MAX + 1];
	uint32_t frames[SG_TRACE_FRAMES_MAX];
};

/**
 * sg_trace_read_record - the next record of our own format
 *
 * Returns 1 with a record, 0 at the end, 2 when one was passed over, or a
 * negative errno.
 */
int sg_trace_read_record(struct sg_trace_reader *reader, struct sg_trace_record *ret,
			 struct sg_error *err);
/** sg_trace_read_error - say what @code, from sg_bytes_need(), is about */
int sg_trace_read_error(const struct sg_trace_reader *reader, int code, struct sg_error *err);

/* --- trace_std.c: STD text as records --- */

struct sg_std;

int sg_std_create(struct sg_bytes *bytes, const char *name, struct sg_std **ret);
void sg_std_destroy(struct sg_std *std);
int sg_std_read(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err);
uint64_t sg_std_line(const struct sg_std *std);

/* --- trace_intern.c: names to ids --- */

struct sg_intern;

struct sg_intern *sg_intern_create(void);
void sg_intern_destroy(struct sg_intern *intern);

/**
 * sg_intern - the id of a name, counted from 0
 * @added: true if it is new
 *
 * Returns -ENOMEM, or -EOVERFLOW when there are too many.
 */
int sg_intern(struct sg_intern *intern, const char *text, size_t len, uint32_t *ret, bool *added);
/** sg_intern_text - NUL-terminated, until the next name is added */
const char *sg_intern_text(const struct sg_intern *intern, uint32_t id);

#endif
