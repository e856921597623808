// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_predict.c - slotgate lab predict: the rows of the scoreboard from quiet recordings
 */
#include <argp.h>
#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "cmd.h"
#include "predict.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/quiet.h"

enum { ROWS_MAX = 64, TEXT_MAX = SG_TRACE_TEXT_MAX + 128, SHAPE_MAX = 1024 };
enum key { KEY_STOCK = 256, KEY_WITH, KEY_KEEP };

struct options {
	size_t rows[ROWS_MAX];
	size_t nrows;
	bool stock, slotgate, all;
	const char *kernel, *keep;
};

/** struct outcome - what was predicted from one run's trace */
struct outcome {
	bool known;
	bool row;			/* the row's own deadlock is among them */
	size_t predicted, unknown;	/* shapes, and findings */
	uint64_t events, lost;
	struct sg_strv shapes;		/* "WAIT; WAIT", once each, without the row's */
};

static const struct argp_option option_table[] = {
	{ "kernel", 'k', "LINE", 0, "a kernel line (default bookworm)", 0 },
	{ "stock", KEY_STOCK, NULL, 0, "only the kernel as it is", 0 },
	{ "with", KEY_WITH, "slotgate", 0, "only with slotgate (default: both)", 0 },
	{ "keep", KEY_KEEP, "DIR", 0, "keep traces and records of the runs", 0 },
	{ 0 }
};

static error_t add_row(struct options *options, const char *name)
{
	const struct sg_quiet *quiet = sg_quiet_find(name);

	if (!quiet || options->nrows == ROWS_MAX) {
		sg_cmd_fail(0, "there is no quiet run of \"%s\"; there is of:", name);
		for (quiet = sg_quiet_rows; quiet->row; quiet++)
			fprintf(stderr, "  %s\n", quiet->row);
		return EINVAL;
	}
	options->rows[options->nrows++] = quiet - sg_quiet_rows;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'k':
		options->kernel = arg;
		return 0;
	case KEY_STOCK:
		options->stock = true;
		return 0;
	case KEY_WITH:
		options->slotgate = true;
		if (!strcmp(arg, "slotgate"))
			return 0;
		sg_cmd_fail(0, "--with wants \"slotgate\", not \"%s\"", arg);
		return EINVAL;
	case KEY_KEEP:
		options->keep = arg;
		return 0;
	case ARGP_KEY_ARG:
		return add_row(options, arg);
	}
	return ARGP_ERR_UNKNOWN;
}

/* --- what a trace shows --- */

/* Each pattern fits another task's wait. */
static bool is_row(const struct sg_predict *predict, const struct sg_finding *finding,
		   const struct sg_quiet *quiet)
{
	bool taken[SG_QUIET_TASKS] = { false };
	size_t matched = 0;
	char text[TEXT_MAX];

	for (size_t i = 0; i < finding->nparties; i++) {
		const char *wait = predict_wait(predict, &finding->parties[i], text, sizeof(text));
		size_t at = 0;

		while (at < SG_QUIET_TASKS && quiet->waits[at] &&
		       (taken[at] || fnmatch(quiet->waits[at], wait, 0)))
			at++;
		if (at == SG_QUIET_TASKS || !quiet->waits[at])
			return false;
		taken[at] = true;
		matched++;
	}
	return matched && !(matched < SG_QUIET_TASKS && quiet->waits[matched]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The waits of all tasks in the order of their letters: the same for the same deadlock. */
static void shape(const struct sg_predict *predict, const struct sg_finding *finding, char *buf,
		  size_t size)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv waits = {0};
	char text[TEXT_MAX];
	size_t len = 0;

	for (size_t i = 0; i < finding->nparties; i++)
		sg_strv_add(&waits, "%s",
			    predict_wait(predict, &finding->parties[i], text, sizeof(text)));
	if (waits.count)
		qsort(waits.items, waits.count, sizeof(*waits.items), by_text);
	*buf = '\0';
	for (size_t i = 0; i < waits.count && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s", i ? "; " : "", waits.items[i]);
}

static void take_findings(const struct sg_predict *predict, const struct sg_quiet *quiet,
			  struct outcome *ret)
{
	size_t count;
	const struct sg_finding *findings = sg_predict_findings(predict, &count);
	char text[SHAPE_MAX];

	for (size_t i = 0; i < count; i++) {
		ret->unknown += findings[i].verdict == SG_UNKNOWN;
		if (findings[i].verdict != SG_PREDICTED)
			continue;
		if (is_row(predict, &findings[i], quiet)) {
			ret->row = true;
			continue;
		}
		shape(predict, &findings[i], text, sizeof(text));
		if (!sg_strv_has(&ret->shapes, text))
			sg_strv_add(&ret->shapes, "%s", text);
	}
	ret->predicted = ret->shapes.count + ret->row;
	ret->events = sg_predict_stats(predict)->events;
	ret->lost = sg_predict_stats(predict)->lost;
}

static void close_reader(struct sg_trace_reader **reader)
{
	sg_trace_close(*reader);
}

static void destroy_predict(struct sg_predict **predict)
{
	sg_predict_destroy(*predict);
}

static int analyse(const struct sg_run *run, struct outcome *ret, struct sg_error *err)
{
	sg_cleanup(destroy_predict) struct sg_predict *predict = sg_predict_create();
	sg_cleanup(close_reader) struct sg_trace_reader *reader = NULL;
	sg_autofree char *path = sg_format("%s/trace", run->keep);
	const struct sg_predict_options limits = {0};
	int code;

	if (!predict || !path)
		return sg_error_set(err, -ENOMEM, "no memory to predict");
	code = sg_trace_open(path, &reader, err);
	if (!code)
		code = sg_predict_add(predict, reader, NULL, NULL, err);
	if (!code)
		code = sg_predict_run(predict, &limits, err);
	if (code)
		return code;
	take_findings(predict, &sg_quiet_rows[run->params.seed], ret);
	ret->known = true;
	return 0;
}

/* --- the table --- */

static const struct sg_run *run_of(const struct sg_runs *runs, size_t row, bool with_slotgate)
{
	for (size_t i = 0; i < runs->count; i++)
		if (runs->list[i].params.seed == row &&
		    runs->list[i].with_slotgate == with_slotgate)
			return &runs->list[i];
	return NULL;
}

static void print_cell(const struct sg_runs *runs, const struct outcome *outcomes, size_t row,
		       bool with_slotgate)
{
	const struct sg_run *run = run_of(runs, row, with_slotgate);
	const struct outcome *outcome = run ? &outcomes[run - runs->list] : NULL;

	if (!run)
		printf(" - |");
	else if (!outcome->known)
		printf(" %s |", sg_verdict_name(run->result.verdict));
	else
		printf(" %s%zu more, %zu unknown, of %llu events%s |",
		       outcome->row ? "predicted, " : "", outcome->shapes.count, outcome->unknown,
		       (unsigned long long)outcome->events, outcome->lost ? " (some lost)" : "");
}

static void print_shapes(const struct sg_runs *runs, const struct outcome *outcomes)
{
	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_run *run = &runs->list[i];

		for (size_t j = 0; j < outcomes[i].shapes.count; j++)
			printf("%s, %s: %s\n", sg_quiet_rows[run->params.seed].row,
			       run->with_slotgate ? "slotgate" : "stock",
			       outcomes[i].shapes.items[j]);
	}
}

static void print_table(const struct options *options, const struct sg_runs *runs,
			const struct outcome *outcomes)
{
	printf("Kernel %s\n| row | stock | slotgate |\n|---|---|---|\n", runs->kernel->release);
	for (size_t i = 0; i < options->nrows; i++) {
		printf("| %s |", sg_quiet_rows[options->rows[i]].row);
		print_cell(runs, outcomes, options->rows[i], false);
		print_cell(runs, outcomes, options->rows[i], true);
		printf("\n");
	}
	printf("\nPredicted beside the rows themselves:\n");
	print_shapes(runs, outcomes);
}

/* Every row's deadlock on the stock kernel, and nothing at all with slotgate. */
static bool as_it_should_be(const struct sg_run *run, const struct outcome *outcome)
{
	const struct sg_quiet *quiet = &sg_quiet_rows[run->params.seed];

	if (!outcome->known || outcome->lost)
		return false;
	return run->with_slotgate ? !outcome->predicted && !outcome->unknown :
				    outcome->row || quiet->reason;
}

static int evaluate(const struct options *options, const struct sg_runs *runs)
{
	struct outcome *outcomes = calloc(runs->count + 1, sizeof(*outcomes));
	struct sg_error err;
	int ret = SG_EXIT_OK;

	if (!outcomes)
		return sg_cmd_fail(SG_EXIT_FAILURE, "no memory to predict");
	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_run *run = &runs->list[i];

		if (run->result.verdict != SG_PASSED)
			sg_cmd_fail(0, "%s was not recorded: %s", sg_quiet_rows[run->params.seed].row,
				    run->result.reason);
		else if (analyse(run, &outcomes[i], &err))
			sg_cmd_fail(0, "%s", err.text);
		if (!as_it_should_be(run, &outcomes[i]))
			ret = SG_EXIT_FAILURE;
	}
	print_table(options, runs, outcomes);
	for (size_t i = 0; i < runs->count; i++)
		sg_strv_deinit(&outcomes[i].shapes);
	free(outcomes);
	return ret;
}

/* --- the runs --- */

/* Without a choice all rows that the kernel has. */
static void choose_rows(struct options *options, const struct sg_kernel *kernel)
{
	for (size_t i = 0; sg_quiet_rows[i].row && !options->nrows; i++)
		options->all = true;
	for (size_t i = 0; options->all && sg_quiet_rows[i].row; i++)
		if (sg_quiet_on(&sg_quiet_rows[i], kernel->release))
			options->rows[options->nrows++] = i;
}

static int add_runs(const struct options *options, struct sg_runs *runs, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; i < options->nrows && !code; i++) {
		const struct sg_params params = { .seed = options->rows[i] };

		if (options->stock)
			code = sg_runs_add(runs, &sg_scenario_quiet, &params, false, err);
		if (options->slotgate && !code)
			code = sg_runs_add(runs, &sg_scenario_quiet, &params, true, err);
	}
	return code;
}

static int record_and_predict(struct options *options, const char *folder)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_runs_deinit) struct sg_runs runs = {
		.kernel = &kernel, .keep = folder, .jobs = 1,
	};
	struct sg_error err;
	int code;

	if (sg_kernel_open(options->kernel, NULL, sg_cmd_watch(), &kernel, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	choose_rows(options, &kernel);
	code = options->slotgate ? run_check_ko(NULL, &kernel) : SG_EXIT_OK;
	if (code)
		return code;
	if (add_runs(options, &runs, &err) ||
	    run_decide_kvm(SG_ACCEL_AUTO, &kernel, &runs.kvm, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	run_progress_attach(&runs, NULL, NULL);
	code = sg_runs_execute(&runs, sg_cmd_watch(), &err);
	if (code)
		return sg_cmd_fail(code == -EINTR ? 130 : SG_EXIT_FAILURE, "%s", err.text);
	return evaluate(options, &runs);
}

const struct argp lab_predict_argp = {
	option_table, parse, "[ROW...]",
	"Carries out what the tasks of each row of the scoreboard do, one after the other, "
	"so that nothing hangs; records that, and looks whether the row's deadlock is "
	"predicted: on the stock kernel, where it has to be, and with slotgate, where "
	"nothing may be.", NULL, NULL, NULL
};

int lab_predict(int argc, char **argv)
{
	struct options options = { .kernel = "bookworm" };
	char folder[] = "/tmp/slotgate-XXXXXX";
	int code;

	if (argp_parse(&lab_predict_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	if (!options.stock && !options.slotgate)
		options.stock = options.slotgate = true;
	if (options.keep)
		return record_and_predict(&options, options.keep);
	if (!mkdtemp(folder))
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot create a folder in /tmp: %m");
	code = record_and_predict(&options, folder);
	sg_remove_tree(folder);
	return code;
}
