// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_open.c - opening a trace, whatever it is, and reading it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "trace_internal.h"

enum { VERSION_AT = 15 };	/* in the first bytes */

int sg_trace_read(struct sg_trace_reader *reader, struct sg_trace_record *ret,
		  struct sg_error *err)
{
	int code = 2;

	if (reader->std)
		return sg_std_read(reader->std, ret, err);
	while (code == 2 && !reader->ended)
		code = sg_trace_read_record(reader, ret, err);
	return code == 2 ? 0 : code;
}

uint64_t sg_trace_position(const struct sg_trace_reader *reader)
{
	return reader->std ? sg_std_line(reader->std) : reader->position;
}

uint64_t sg_trace_offset(const struct sg_trace_reader *reader)
{
	return sg_bytes_offset(reader->bytes);
}

bool sg_trace_cut_short(const struct sg_trace_reader *reader)
{
	return reader->std ? sg_bytes_truncated(reader->bytes) : reader->cut_short;
}

void sg_trace_close(struct sg_trace_reader *reader)
{
	if (!reader)
		return;
	sg_std_destroy(reader->std);
	sg_bytes_destroy(reader->bytes);
	if (reader->fd > 0)
		close(reader->fd);
	free(reader->name);
	free(reader);
}

static void close_reader(struct sg_trace_reader **reader)
{
	sg_trace_close(*reader);
}

/* Is it ours, or text? */
static int recognise(struct sg_trace_reader *reader, struct sg_error *err)
{
	const unsigned char *data;
	ssize_t have = sg_bytes_need(reader->bytes, SG_TRACE_MAGIC_LEN, &data);

	if (have < 0)
		return sg_trace_read_error(reader, have, err);
	if ((size_t)have >= SG_TRACE_MAGIC_LEN &&
	    !memcmp(data, SG_TRACE_MAGIC, SG_TRACE_MAGIC_LEN)) {
		sg_bytes_skip(reader->bytes, SG_TRACE_MAGIC_LEN);
		return 0;
	}
	if ((size_t)have > VERSION_AT && !memcmp(data, SG_TRACE_MAGIC, VERSION_AT))
		return sg_error_set(err, -EPROTO, "%s: a trace of another version than 1",
				    reader->name);
	if (sg_std_create(reader->bytes, reader->name, &reader->std))
		return sg_error_set(err, -ENOMEM, "%s: no memory", reader->name);
	return 0;
}

static int open_with(struct sg_trace_reader *opened, const struct sg_trace_source *source,
		     struct sg_trace_reader **ret, struct sg_error *err)
{
	sg_cleanup(close_reader) struct sg_trace_reader *reader = opened;
	int code = sg_bytes_create(source, &reader->bytes);

	if (!code)
		code = recognise(reader, err);
	else
		sg_trace_read_error(reader, code, err);
	if (!code)
		*ret = sg_steal(reader);
	return code;
}

static struct sg_trace_reader *new_reader(const char *name)
{
	struct sg_trace_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->name = strdup(name);
	if (reader && reader->name)
		return reader;
	free(reader);
	return NULL;
}

int sg_trace_open_source(const struct sg_trace_source *source, const char *name,
			 struct sg_trace_reader **ret, struct sg_error *err)
{
	struct sg_trace_reader *reader = new_reader(name);

	if (!reader)
		return sg_error_set(err, -ENOMEM, "%s: no memory", name);
	return open_with(reader, source, ret, err);
}

static ssize_t read_file(void *data, void *buf, size_t size)
{
	struct sg_trace_reader *reader = data;
	ssize_t got;

	do
		got = read(reader->fd, buf, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int sg_trace_open(const char *path, struct sg_trace_reader **ret, struct sg_error *err)
{
	bool standard = !strcmp(path, "-");
	struct sg_trace_reader *reader = new_reader(standard ? "standard input" : path);
	struct sg_trace_source source = { .read = read_file, .data = reader };

	if (!reader)
		return sg_error_set(err, -ENOMEM, "%s: no memory", path);
	if (!standard)
		reader->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (reader->fd < 0) {
		int code = -errno;

		sg_trace_close(reader);
		return sg_error_set(err, code, "cannot read %s: %s", path, strerror(-code));
	}
	return open_with(reader, &source, ret, err);
}
