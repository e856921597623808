// SPDX-License-Identifier: GPL-2.0-only
/*
 * keep.c - the files that a run leaves when asked to
 */
#include <errno.h>
#include <string.h>

#include "keep.h"
#include "slotgate/cleanup.h"

static int open_one(const char *folder, const char *name, FILE **ret, struct sg_error *err)
{
	sg_autofree char *path = sg_format("%s/%s", folder, name);

	*ret = path ? fopen(path, "we") : NULL;
	return *ret ? 0 : sg_error_set(err, -errno, "cannot write %s/%s: %m", folder, name);
}

static int write_text(const char *folder, const char *name, const char *text,
		      struct sg_error *err)
{
	sg_autofree char *path = sg_format("%s/%s", folder, name);

	if (!path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	return sg_file_write(path, text, strlen(text), err);
}

int keep_open(struct keep *keep, const char *folder, const char *plan, struct sg_error *err)
{
	int code;

	*keep = (struct keep){ .folder = folder };
	if (!folder)
		return 0;
	code = sg_mkdirs(folder, err);
	if (!code)
		code = write_text(folder, "plan", plan, err);
	if (!code)
		code = open_one(folder, "console.log", &keep->console, err);
	if (!code)
		code = open_one(folder, "records.jsonl", &keep->records, err);
	if (!code)	/* for those who follow a run that goes on */
		setvbuf(keep->records, NULL, _IOLBF, 0);
	if (code)
		keep_deinit(keep);
	return code;
}

/* fwrite() counts what it could not flush, and fclose() may no longer know of it. */
void keep_add(struct keep *keep, FILE *file, const char *bytes, size_t size)
{
	if (!file || keep->err)
		return;
	fwrite(bytes, 1, size, file);
	if (ferror(file))
		keep->err = -errno;
}

/* The guest chooses the name: no folders, no dot files. */
void keep_file(struct keep *keep, const char *name, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	struct sg_error err;
	int code;

	if (!keep->folder || keep->err || *name == '.' || name[strspn(name, plain)])
		return;
	code = write_text(keep->folder, name, text, &err);
	if (code)
		keep->err = code;
}

static int close_one(FILE **file)
{
	int err = *file && fclose(*file) ? -errno : 0;

	*file = NULL;
	return err;
}

/* The first error since keep_open(). */
static int close_all(struct keep *keep)
{
	int console = close_one(&keep->console), records = close_one(&keep->records);

	return keep->err ? keep->err : console ? console : records;
}

void keep_deinit(struct keep *keep)
{
	close_all(keep);
}

static int keep_json(struct keep *keep, const char *name, struct json_object *object,
		     struct sg_error *err)
{
	return write_text(keep->folder, name,
			  json_object_to_json_string_ext(object, SG_JSON_PRETTY), err);
}

int keep_result(struct keep *keep, const struct sg_result *result, struct sg_error *err)
{
	struct json_object *object;
	int code;

	if (!keep->folder)
		return 0;
	code = close_all(keep);
	if (code)
		return sg_error_set(err, code, "cannot write to %s: %s", keep->folder,
				    strerror(-code));
	object = sg_result_json(result);
	code = keep_json(keep, "result.json", object, err);
	if (!code && result->evidence)
		code = keep_json(keep, "evidence.json", result->evidence, err);
	json_object_put(object);
	return code;
}
