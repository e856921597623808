// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate report FOLDER|FILE... -o FILE - one HTML page about runs, storms, predictions or hangs
 *
 * Exit code 0 if the page was written, whatever it tells.
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "options.h"
#include "predict.h"
#include "report.h"
#include "slotgate/cleanup.h"

enum { SOURCES_MAX = 256, MADE_SIZE = 128 };

struct options {
	const char *sources[SOURCES_MAX];
	size_t count;
	const char *output, *title;
	bool quiet;
};

enum key { KEY_TITLE = 256 };

static const struct argp_option option_table[] = {
	{ "output", 'o', "FILE", 0, "write FILE, whole or not at all (default: standard output)", 0 },
	{ "title", KEY_TITLE, "TEXT", 0, "what the page is called", 0 },
	{ "quiet", 'q', NULL, 0, "no progress on stderr", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_TEXT('o', struct options, output),
	SG_TEXT(KEY_TITLE, struct options, title),
	SG_FLAG('q', struct options, quiet),
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	if (key != ARGP_KEY_ARG)
		return sg_option_set(settings, options, key, arg);
	if (options->count == SOURCES_MAX) {
		sg_cmd_fail(0, "more than %d folders and files", SOURCES_MAX);
		return EINVAL;
	}
	options->sources[options->count++] = arg;
	return 0;
}

/* --- a trace is predicted from, as "slotgate predict" does --- */

static void close_reader(struct sg_trace_reader **reader)
{
	sg_trace_close(*reader);
}

static void destroy_predict(struct sg_predict **predict)
{
	sg_predict_destroy(*predict);
}

static bool go_on(void *data, uint64_t events)
{
	(void)data;
	(void)events;
	return !sg_watch_stopped(sg_cmd_watch());
}

static bool search_on(void *data, size_t patterns)
{
	return go_on(data, patterns);
}

static int predict(const char *path, struct json_object **ret, struct sg_error *err)
{
	sg_cleanup(destroy_predict) struct sg_predict *predict = sg_predict_create();
	sg_cleanup(close_reader) struct sg_trace_reader *reader = NULL;
	const struct sg_predict_options limits = { .go_on = search_on };
	char *files[] = { (char *)path };
	sg_cleanup(predict_report_deinit) struct predict_report told = { .predict = predict, .files = files };
	int code;

	if (!predict)
		return sg_error_set(err, -ENOMEM, "predict: no memory");
	code = sg_trace_open(path, &reader, err);
	if (!code)
		code = sg_predict_add(predict, reader, go_on, NULL, err);
	if (!code)
		code = sg_predict_run(predict, &limits, err);
	if (code)
		return code;
	if (predict_report_init(&told))
		return sg_error_set(err, -ENOMEM, "predict: no memory");
	*ret = predict_json(&told);
	return 0;
}

/* --- the page --- */

static const char *made_text(char *buf)
{
	time_t now = time(NULL);
	char when[64];
	struct tm parts;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M %Z", localtime_r(&now, &parts));
	snprintf(buf, MADE_SIZE, "Written by slotgate %s, %s", SG_VERSION, when);
	return buf;
}

static int write_page(struct report *report, const char *output, struct sg_error *err)
{
	sg_autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int code;

	if (!out)
		return sg_error_set(err, -ENOMEM, "out of memory");
	code = report_write(out, report, err);
	if (fclose(out) && !code)
		code = sg_error_set(err, -ENOMEM, "out of memory");
	if (code)
		return code;
	if (output)
		return sg_file_write(output, text, size, err);
	return fwrite(text, 1, size, stdout) == size && !fflush(stdout) ? 0 :
	       sg_error_set(err, -errno, "cannot write the page: %m");
}

static int run(const struct options *options)
{
	struct sg_watch watch = *sg_cmd_watch();
	char made[MADE_SIZE];
	struct report report = {
		.title = options->title ? options->title : options->sources[0],
		.made = made_text(made), .watch = &watch, .predict = predict,
	};
	struct sg_error err;
	int code = 0;

	if (options->quiet)
		watch.progress = NULL;
	for (size_t i = 0; i < options->count && !code; i++)
		code = report_load(&report, options->sources[i], &err);
	if (!code)
		code = write_page(&report, options->output, &err);
	if (!code && *report.undrawn)
		sg_cmd_fail(0, "lock graphs are tables only: %s (Debian's package graphviz has dot)",
			    report.undrawn);
	report_deinit(&report);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return SG_EXIT_OK;
}

const struct argp cmd_report_argp = {
	option_table, parse, "FOLDER|FILE...",
	"Writes one HTML page, to be read without scripts and without a network: verdicts, who waits "
	"for whom, time lines, slots, figures and kernel logs.  FOLDER is what --keep left of a lab "
	"run, a board, a storm or of lab predict; FILE what one of these, predict or diagnose printed "
	"with --json, or a trace.", NULL, NULL, NULL
};

int cmd_report(int argc, char **argv)
{
	struct options options = { .output = NULL };

	if (argp_parse(&cmd_report_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (!options.count)
		return sg_cmd_fail(SG_EXIT_USAGE, "about what? (slotgate report FOLDER -o report.html)");
	if (!options.output && isatty(STDOUT_FILENO))
		return sg_cmd_fail(SG_EXIT_USAGE, "where to? (-o FILE)");
	return run(&options);
}
