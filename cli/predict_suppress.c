// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_suppress.c - reading the file of known findings
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "predict.h"
#include "slotgate/cleanup.h"

void suppressions_deinit(struct suppressions *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].reason);
		sg_strv_deinit(&list->items[i].globs);
	}
	free(list->items);
	*list = (struct suppressions){0};
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static int add(struct suppressions *list, const char *reason, char *globs)
{
	struct suppression *items = reallocarray(list->items, list->count + 1, sizeof(*items));
	struct suppression *one;
	char *glob;

	if (!items)
		return -ENOMEM;
	list->items = items;
	one = &items[list->count++];
	*one = (struct suppression){ .reason = strdup(reason) };
	while ((glob = strsep(&globs, "|")))
		if (*trim(glob))
			sg_strv_add(&one->globs, "%s", trim(glob));
	if (!one->reason)
		return -ENOMEM;
	return one->globs.count ? one->globs.err : -EINVAL;
}

static int parse_line(struct suppressions *list, char *line)
{
	char *globs = line, *reason;

	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	globs = line;
	reason = trim(strsep(&globs, "|"));
	return *reason && globs ? add(list, reason, globs) : -EINVAL;
}

int suppressions_read(const char *path, struct suppressions *ret, struct sg_error *err)
{
	sg_autofclose FILE *file = fopen(path, "re");
	sg_autofree char *line = NULL;
	unsigned int number = 0;
	size_t size = 0;
	int code = 0;

	if (!file)
		return sg_error_set(err, -errno, "cannot read %s: %m", path);
	while (!code && getline(&line, &size, file) >= 0) {
		number++;
		code = parse_line(ret, line);
	}
	if (!code && ferror(file))
		return sg_error_set(err, -EIO, "cannot read %s: %m", path);
	return code ? sg_error_set(err, code, "%s: line %u: %s", path, number, code == -EINVAL ?
				   "wanted \"REASON | PATTERN [| PATTERN...]\"" : "no memory") : 0;
}
