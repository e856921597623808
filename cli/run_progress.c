// SPDX-License-Identifier: GPL-2.0-only
/*
 * run_progress.c - what the runs are doing, on stderr
 *
 * On a terminal one line moves along; elsewhere (a log, a pipe) each run gets
 * a line when it begins, and reports come at its end anyway.
 */
#include <sys/ioctl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "run.h"

static struct {
	bool terminal;
	void (*on_start)(const struct sg_run *run);
	void (*on_finish)(const struct sg_run *run);
} progress;

static unsigned int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

static void show_line(const struct sg_run *run, double seconds, const char *text)
{
	char name[128], line[512];

	run_name(name, sizeof(name), run);
	snprintf(line, sizeof(line), "%s  %5.1f s  %s", name, seconds, text);
	fprintf(stderr, "\r\033[K%.*s", (int)columns() - 1, line);
	fflush(stderr);
}

static void on_start(void *data, const struct sg_run *run)
{
	char name[128];

	(void)data;
	if (progress.on_start)
		progress.on_start(run);
	run_name(name, sizeof(name), run);
	if (progress.terminal)
		show_line(run, 0, "booting");
	else
		fprintf(stderr, "# %s: booting\n", name);
}

static void on_record(void *data, const struct sg_run *run, const char *type,
		      struct json_object *record)
{
	struct json_object *text = NULL, *ms = NULL;

	(void)data;
	if (!progress.terminal || (strcmp(type, "op") && strcmp(type, "note")))
		return;
	json_object_object_get_ex(record, "text", &text);
	json_object_object_get_ex(record, "ms", &ms);
	show_line(run, json_object_get_int(ms) / 1000.0, text ? json_object_get_string(text) : "");
}

static void on_finish(void *data, const struct sg_run *run)
{
	(void)data;
	if (progress.terminal)
		fputs("\r\033[K", stderr);
	if (progress.on_finish)
		progress.on_finish(run);
}

void run_progress_attach(struct sg_runs *runs, void (*start)(const struct sg_run *run),
			 void (*finish)(const struct sg_run *run))
{
	progress.terminal = isatty(STDERR_FILENO);
	progress.on_start = start;
	progress.on_finish = finish;
	runs->on_start = on_start;
	runs->on_record = on_record;
	runs->on_finish = on_finish;
}
