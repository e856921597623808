// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - what was given: a run's folder, a folder of such, JSON or a trace
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "load.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

enum { LEVELS = 3 };	/* a board's folder, kernel lines, runs */

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static bool is_folder(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* As people count: seed 2 before seed 10. */
static int by_version(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int list_folders(const char *path, struct sg_strv *ret, struct sg_error *err)
{
	sg_cleanup(close_folder) DIR *folder = opendir(path);
	struct dirent *one;

	if (!folder)
		return sg_error_set(err, -errno, "cannot read %s: %m", path);
	while ((one = readdir(folder))) {
		sg_autofree char *inside = sg_format("%s/%s", path, one->d_name);

		if (inside && *one->d_name != '.' && is_folder(inside))
			sg_strv_add(ret, "%s", inside);
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_version);
	return ret->err ? sg_error_set(err, ret->err, "out of memory") : 0;
}

/* What cannot be read of many runs is no reason to leave the others out: it is told of that run. */
static int load_below(struct report *report, const char *path, unsigned int levels,
		      struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv folders = {0};
	int code;

	if (load_is_run(path))
		return load_run(report, path, err);
	code = levels ? list_folders(path, &folders, err) : 0;
	for (size_t i = 0; i < folders.count && !code; i++)
		code = sg_watch_stopped(report->watch) ?
		       sg_error_set(err, -EINTR, "interrupted") :
		       load_below(report, folders.items[i], levels - 1, err);
	return code;
}

static int load_folder(struct report *report, const char *path, struct sg_error *err)
{
	size_t before = report->count;
	int code = load_below(report, path, LEVELS, err);

	if (code || report->count > before)
		return code;
	return sg_error_set(err, -ENOENT, "%s: no run in this folder or below it (\"slotgate lab run --keep\" leaves "
			    "result.json and records.jsonl)", path);
}

static int load_trace(struct report *report, const char *path, struct sg_error *err)
{
	struct json_object *prediction = NULL;
	struct report_entry *entry;
	int code;

	code = report->predict(path, &prediction, err);
	if (code)
		return code;
	entry = entry_add(report, path);
	if (!entry) {
		json_object_put(prediction);
		return sg_error_set(err, -ENOMEM, "out of memory");
	}
	entry->prediction = prediction;
	entry_settle(entry);
	return 0;
}

/* JSON begins with a brace; a trace and STD text do not. */
static int begins_json(const char *path, bool *ret, struct sg_error *err)
{
	sg_autofclose FILE *file = fopen(path, "re");
	int byte;

	if (!file)
		return sg_error_set(err, -errno, "cannot read %s: %m", path);
	do
		byte = getc(file);
	while (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r');
	if (byte == EOF)
		return sg_error_set(err, -EINVAL, "%s: %s", path, ferror(file) ? strerror(errno) : "empty");
	*ret = byte == '{';
	return 0;
}

static int load_file(struct report *report, const char *path, struct sg_error *err)
{
	struct json_object *json = NULL;
	bool is_json = false;
	int code = begins_json(path, &is_json, err);

	if (!code && !is_json)
		return load_trace(report, path, err);
	if (!code)
		code = load_json_file(path, &json, err);
	if (!code)
		code = load_json(report, path, json, err);
	json_object_put(json);
	return code;
}

int report_load(struct report *report, const char *path, struct sg_error *err)
{
	return is_folder(path) ? load_folder(report, path, err) : load_file(report, path, err);
}

static void entry_deinit(struct report_entry *entry)
{
	free(entry->title);
	free(entry->subject);
	free(entry->folder);
	json_object_put(entry->result);
	json_object_put(entry->evidence);
	json_object_put(entry->records);
	json_object_put(entry->prediction);
}

void report_deinit(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		entry_deinit(&report->entries[i]);
	free(report->entries);
	report->entries = NULL;
	report->count = 0;
}
