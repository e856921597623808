// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate predict FILE... - which tasks of recorded runs could have deadlocked
 *
 * Exit code 1 if something is predicted that is not suppressed.
 */
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "options.h"
#include "predict.h"
#include "slotgate/cleanup.h"

enum { FILES_MAX = 1024, SHOWN_DEFAULT = 20 };

struct options {
	char *files[FILES_MAX];
	size_t nfiles;
	bool json, std, quiet;
	uint64_t states, patterns, parties, shown;
	const char *dot, *svg, *suppress;
};

enum key {
	KEY_STD = 256, KEY_DOT, KEY_SVG, KEY_SUPPRESS, KEY_STATES, KEY_PATTERNS, KEY_TASKS, KEY_MOST,
};

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "print JSON: all findings, the refuted ones too", 0 },
	{ "suppress", KEY_SUPPRESS, "FILE", 0,
	  "leave out what is known; lines \"REASON | PATTERN [| PATTERN...]\"", 0 },
	{ "dot", KEY_DOT, "FILE", 0, "write the lock graph for graphviz", 0 },
	{ "svg", KEY_SVG, "FILE", 0, "the same as a picture (needs graphviz)", 0 },
	{ "std", KEY_STD, NULL, 0, "print the one FILE as STD text instead", 0 },
	{ "most", KEY_MOST, "N", 0, "show at most N deadlocks (default 20)", 0 },
	{ "tasks", KEY_TASKS, "N", 0, "deadlocks of at most N tasks (default 16)", 0 },
	{ "states", KEY_STATES, "N", 0, "search a pattern up to N states (default 1000000)", 0 },
	{ "patterns", KEY_PATTERNS, "N", 0,
	  "search for patterns up to N steps (default 20000000)", 0 },
	{ "quiet", 'q', NULL, 0, "no progress on stderr", 0 },
	{ 0 }
};

static const struct sg_option settings[] = {
	SG_NUMBER(KEY_STATES, "states", 1, 1 << 28, struct options, states),
	SG_NUMBER(KEY_PATTERNS, "patterns", 1, INT64_MAX, struct options, patterns),
	SG_NUMBER(KEY_TASKS, "tasks", 1, 16, struct options, parties),
	SG_NUMBER(KEY_MOST, "most", 0, 1 << 20, struct options, shown),
	SG_TEXT(KEY_DOT, struct options, dot),
	SG_TEXT(KEY_SVG, struct options, svg),
	SG_TEXT(KEY_SUPPRESS, struct options, suppress),
	SG_FLAG('j', struct options, json),
	SG_FLAG('q', struct options, quiet),
	SG_FLAG(KEY_STD, struct options, std),
	{ 0 }
};

static error_t add_file(struct options *options, char *name)
{
	if (options->nfiles == FILES_MAX) {
		sg_cmd_fail(0, "more than %d files", FILES_MAX);
		return EINVAL;
	}
	options->files[options->nfiles++] = name;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	if (key == ARGP_KEY_ARG)
		return add_file(options, arg);
	return sg_option_set(settings, options, key, arg);
}

static void close_reader(struct sg_trace_reader **reader)
{
	sg_trace_close(*reader);
}

static void destroy_predict(struct sg_predict **predict)
{
	sg_predict_destroy(*predict);
}

/* --- reading --- */

struct progress {
	const struct sg_watch *watch;
	struct sg_trace_reader *reader;
	const char *file;
	uint64_t size;
	bool quiet, shown;
	size_t patterns;
};

static bool show_progress(void *data, uint64_t events)
{
	struct progress *progress = data;
	uint64_t offset = sg_trace_offset(progress->reader);

	if (!progress->quiet && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r%s: %llu million events", progress->file,
			(unsigned long long)(events >> 20));
		if (progress->size)
			fprintf(stderr, ", %llu %% read",
				(unsigned long long)(100 * offset / progress->size));
		progress->shown = true;
	}
	return !sg_watch_stopped(progress->watch);
}

static bool show_patterns(void *data, size_t patterns)
{
	struct progress *progress = data;

	if (!progress->quiet && isatty(STDERR_FILENO) && patterns > progress->patterns + 1000) {
		fprintf(stderr, "\rpatterns: %zu", patterns);
		progress->patterns = patterns;
	}
	return !sg_watch_stopped(progress->watch);
}

static int analyse(struct sg_predict *predict, const struct options *options,
		   struct sg_error *err)
{
	struct progress progress = { .watch = sg_cmd_watch(), .quiet = options->quiet };
	const struct sg_predict_options limits = {
		.states = options->states, .patterns = options->patterns,
		.parties = options->parties, .go_on = show_patterns, .data = &progress,
	};
	int code = sg_predict_run(predict, &limits, err);

	if (progress.patterns)
		fputs("\r\033[K", stderr);
	return code;
}

static int add_trace(struct sg_predict *predict, const char *path, const struct options *options,
		     struct sg_error *err)
{
	sg_cleanup(close_reader) struct sg_trace_reader *reader = NULL;
	struct progress progress = {
		.watch = sg_cmd_watch(), .file = path, .quiet = options->quiet,
	};
	struct stat info;
	int code = sg_trace_open(path, &reader, err);

	if (code)
		return code;
	progress.reader = reader;
	if (!stat(path, &info))
		progress.size = info.st_size;
	code = sg_predict_add(predict, reader, show_progress, &progress, err);
	if (progress.shown)
		fputs("\r\033[K", stderr);
	return code;
}

/* --- writing --- */

static int export_std(const char *path)
{
	sg_cleanup(close_reader) struct sg_trace_reader *reader = NULL;
	struct sg_error err;

	if (sg_trace_open(path, &reader, &err) || sg_trace_export_std(reader, stdout, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	if (sg_trace_cut_short(reader))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s: cut short after record %llu", path,
				   (unsigned long long)sg_trace_position(reader));
	return SG_EXIT_OK;
}

static int write_dot(const struct predict_report *report, const char *path)
{
	sg_autofclose FILE *file = fopen(path, "we");
	int err;

	if (!file)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot write %s: %m", path);
	err = predict_print_dot(file, report);
	return err ? sg_cmd_fail(SG_EXIT_FAILURE, "cannot write %s: %s", path, strerror(-err)) :
		     SG_EXIT_OK;
}

static int write_svg(const struct predict_report *report, const char *path)
{
	char template[] = "/tmp/slotgate-XXXXXX";
	char *argv[] = { "dot", "-Tsvg", "-o", (char *)path, template, NULL };
	sg_autoclose int fd = mkstemp(template);
	struct sg_error err;
	int code;

	if (fd < 0)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot create a file in /tmp: %m");
	code = write_dot(report, template);
	if (!code && sg_command(argv, sg_cmd_watch(), NULL, &err))
		code = sg_cmd_fail(SG_EXIT_FAILURE, "cannot draw %s: %s", path, err.text);
	unlink(template);
	return code;
}

static int report(const struct options *options, struct predict_report *report)
{
	int code = SG_EXIT_OK;

	if (predict_report_init(report))
		return sg_cmd_fail(SG_EXIT_FAILURE, "predict: no memory");
	if (options->json)
		predict_print_json(stdout, report);
	else
		predict_print(stdout, report, options->shown);
	if (options->dot)
		code = write_dot(report, options->dot);
	if (options->svg && !code)
		code = write_svg(report, options->svg);
	return code ? code : report->predicted ? SG_EXIT_FAILURE : SG_EXIT_OK;
}

static int run(struct options *options)
{
	sg_cleanup(destroy_predict) struct sg_predict *predict = sg_predict_create();
	sg_cleanup(predict_report_deinit) struct predict_report told = {
		.predict = predict, .files = options->files,
	};
	struct sg_error err;
	int code = 0;

	if (!predict)
		return sg_cmd_fail(SG_EXIT_FAILURE, "predict: no memory");
	if (options->suppress)
		code = suppressions_read(options->suppress, &told.suppressions, &err);
	for (size_t i = 0; i < options->nfiles && !code; i++)
		code = add_trace(predict, options->files[i], options, &err);
	if (!code)
		code = analyse(predict, options, &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return report(options, &told);
}

const struct argp cmd_predict_argp = {
	option_table, parse, "FILE...",
	"Says which tasks of recorded runs could have deadlocked if they had run side by "
	"side, with a schedule that leads there.  FILE is a trace of slotgate, or STD text; "
	"several are taken for runs of one machine.", NULL, NULL, NULL
};

int cmd_predict(int argc, char **argv)
{
	struct options options = { .shown = SHOWN_DEFAULT };

	if (argp_parse(&cmd_predict_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (!options.nfiles)
		return sg_cmd_fail(SG_EXIT_USAGE, "which file? (slotgate predict FILE...)");
	if (options.std && options.nfiles > 1)
		return sg_cmd_fail(SG_EXIT_USAGE, "--std takes one file");
	return options.std ? export_std(options.files[0]) : run(&options);
}
