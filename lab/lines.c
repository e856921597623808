// SPDX-License-Identifier: GPL-2.0-only
/*
 * lines.c - cuts a stream into lines
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/qmp.h"

enum { LINE_MAX_BYTES = 16 << 20 };

void sg_lines_deinit(struct sg_lines *lines)
{
	free(lines->data);
	*lines = (struct sg_lines){0};
}

static int make_room(struct sg_lines *lines, size_t more)
{
	size_t size = lines->size ? lines->size : 4096;
	char *data;

	if (lines->used + more > LINE_MAX_BYTES)
		return -EMSGSIZE;
	while (size < lines->used + more)
		size *= 2;
	data = realloc(lines->data, size);
	if (!data)
		return -ENOMEM;
	lines->data = data;
	lines->size = size;
	return 0;
}

static void take_line(char *line, char *end, void (*take)(void *data, char *line), void *data)
{
	if (end > line && end[-1] == '\r')
		end--;
	*end = '\0';
	take(data, line);
}

int sg_lines_feed(struct sg_lines *lines, const char *bytes, size_t size,
		  void (*take)(void *data, char *line), void *data)
{
	int err = make_room(lines, size);
	char *line, *end;

	if (err || !size)
		return err;
	line = lines->data;
	memcpy(lines->data + lines->used, bytes, size);
	lines->used += size;
	while ((end = memchr(line, '\n', lines->data + lines->used - line))) {
		take_line(line, end, take, data);
		line = end + 1;
	}
	lines->used -= line - lines->data;
	memmove(lines->data, line, lines->used);
	return 0;
}
