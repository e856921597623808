// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_bytes.c - the bytes of a trace file, decompressed if need be
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "slotgate/cleanup.h"
#include "trace_internal.h"

enum { INPUT_SIZE = 128 * 1024, OUTPUT_SIZE = 4 * SG_BYTES_NEED_MAX };

/*
 * Plain bytes are in output[begin..end).  Without compression they are read
 * there directly.
 */
struct sg_bytes {
	struct sg_trace_source source;
	ZSTD_DStream *zstd;		/* NULL: not compressed */
	ZSTD_inBuffer input;
	bool input_ended, in_frame;
	uint64_t offset;
	size_t begin, end;
	unsigned char in[INPUT_SIZE];
	unsigned char output[OUTPUT_SIZE];
};

void sg_bytes_destroy(struct sg_bytes *bytes)
{
	if (!bytes)
		return;
	ZSTD_freeDStream(bytes->zstd);
	free(bytes);
}

static void destroy(struct sg_bytes **bytes)
{
	sg_bytes_destroy(*bytes);
}

/* Returns the number of bytes, 0 at the end of the file. */
static ssize_t take(struct sg_bytes *bytes, void *buf, size_t size)
{
	ssize_t got = bytes->source.read(bytes->source.data, buf, size);

	if (got > 0)
		bytes->offset += got;
	else if (!got)
		bytes->input_ended = true;
	return got;
}

static ssize_t take_input(struct sg_bytes *bytes)
{
	ssize_t got = take(bytes, bytes->in, sizeof(bytes->in));

	if (got >= 0) {
		bytes->input.size = got;
		bytes->input.pos = 0;
	}
	return got;
}

/* Some more plain bytes; none at the end. */
static int decompress(struct sg_bytes *bytes)
{
	ZSTD_outBuffer output = { bytes->output, sizeof(bytes->output), bytes->end };

	while (output.pos == bytes->end) {
		size_t before = bytes->input.pos, status;

		status = ZSTD_decompressStream(bytes->zstd, &output, &bytes->input);
		if (ZSTD_isError(status))
			return -EBADMSG;
		if (bytes->input.pos != before || output.pos != bytes->end)
			bytes->in_frame = status != 0;
		if (output.pos != bytes->end || bytes->input.pos < bytes->input.size)
			continue;
		if (bytes->input_ended)
			break;
		if (take_input(bytes) < 0)
			return -EIO;
	}
	bytes->end = output.pos;
	return 0;
}

static int take_plain(struct sg_bytes *bytes)
{
	ssize_t got = take(bytes, bytes->output + bytes->end, sizeof(bytes->output) - bytes->end);

	if (got > 0)
		bytes->end += got;
	return got < 0 ? got : 0;
}

ssize_t sg_bytes_need(struct sg_bytes *bytes, size_t size, const unsigned char **data)
{
	size_t have = bytes->end - bytes->begin;

	if (have < size) {
		memmove(bytes->output, bytes->output + bytes->begin, have);
		bytes->begin = 0;
		bytes->end = have;
	}
	while (bytes->end - bytes->begin < size) {
		size_t before = bytes->end;
		int err = bytes->zstd ? decompress(bytes) : take_plain(bytes);

		if (err)
			return err;
		if (bytes->end == before)
			break;
	}
	*data = bytes->output + bytes->begin;
	return bytes->end - bytes->begin;
}

void sg_bytes_skip(struct sg_bytes *bytes, size_t size)
{
	bytes->begin += size;
}

bool sg_bytes_truncated(const struct sg_bytes *bytes)
{
	return bytes->zstd && bytes->in_frame;
}

uint64_t sg_bytes_offset(const struct sg_bytes *bytes)
{
	return bytes->offset;
}

/* What was read so far is the beginning of a compressed frame. */
static int start_zstd(struct sg_bytes *bytes)
{
	bytes->zstd = ZSTD_createDStream();
	if (!bytes->zstd ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(bytes->zstd, ZSTD_d_windowLogMax,
						SG_TRACE_WINDOW_LOG)))
		return -ENOMEM;
	memcpy(bytes->in, bytes->output, bytes->end);
	bytes->input = (ZSTD_inBuffer){ bytes->in, bytes->end, 0 };
	bytes->end = 0;
	bytes->in_frame = true;
	return 0;
}

int sg_bytes_create(const struct sg_trace_source *source, struct sg_bytes **ret)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	sg_cleanup(destroy) struct sg_bytes *bytes = malloc(sizeof(*bytes));
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	memset(bytes, 0, offsetof(struct sg_bytes, in));
	bytes->source = *source;
	bytes->input.src = bytes->in;
	while (!err && !bytes->input_ended && bytes->end < sizeof(magic)) {
		ssize_t got = take(bytes, bytes->output + bytes->end, sizeof(magic) - bytes->end);

		if (got < 0)
			err = got;
		else
			bytes->end += got;
	}
	if (!err && bytes->end == sizeof(magic) && !memcmp(bytes->output, magic, sizeof(magic)))
		err = start_zstd(bytes);
	if (!err)
		*ret = sg_steal(bytes);
	return err;
}
