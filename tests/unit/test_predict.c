// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_predict.c - what is predicted, and what is not
 *
 * Cases named after an issue are those of github.com/google/sanitizers where
 * ThreadSanitizer's detector is told to err, made into traces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slotgate/predict.h"

struct text {
	const char *at;
	size_t left;
};

static ssize_t read_text(void *data, void *buf, size_t size)
{
	struct text *text = data;
	size_t count = size < text->left ? size : text->left;

	memcpy(buf, text->at, count);
	text->at += count;
	text->left -= count;
	return count;
}

/* "A+x" acquires, "A-x" releases, other operations as in STD: "A:join:B". */
static char *expand(const char *steps)
{
	char *copy = strdup(steps), *rest = copy, *step, *ret = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	while ((step = strsep(&rest, " "))) {
		char *colon = strchr(step, ':');

		if (!*step)
			continue;
		if (colon)
			fprintf(out, "%.*s|%.*s(%s)|\n", (int)(colon - step), step,
				(int)strcspn(colon + 1, ":"), colon + 1, strchr(colon + 1, ':') + 1);
		else
			fprintf(out, "%c|%s(%s)|\n", *step, step[1] == '+' ? "acq" : "rel", step + 2);
	}
	fclose(out);
	free(copy);
	return ret;
}

static void add(struct sg_predict *predict, const char *steps)
{
	char *std = expand(steps);
	struct text text = { std, strlen(std) };
	struct sg_trace_source source = { read_text, &text };
	struct sg_trace_reader *reader;
	struct sg_error err;

	assert_int_equal(sg_trace_open_source(&source, "test", &reader, &err), 0);
	if (sg_predict_add(predict, reader, NULL, NULL, &err))
		fail_msg("%s: %s", steps, err.text);
	sg_trace_close(reader);
	free(std);
}

static struct sg_predict *analyse(const char *first, const char *second)
{
	struct sg_predict *predict = sg_predict_create();
	struct sg_error err;

	assert_non_null(predict);
	add(predict, first);
	if (second)
		add(predict, second);
	assert_int_equal(sg_predict_run(predict, NULL, &err), 0);
	return predict;
}

static size_t count_of(const struct sg_predict *predict, enum sg_finding_verdict verdict)
{
	size_t count, found = 0;
	const struct sg_finding *findings = sg_predict_findings(predict, &count);

	for (size_t i = 0; i < count; i++)
		found += findings[i].verdict == verdict;
	return found;
}

/* Tasks of the first prediction, in order. */
static void names_of(const struct sg_predict *predict, char *buf, size_t size)
{
	size_t count, used = 0;
	const struct sg_finding *findings = sg_predict_findings(predict, &count);

	*buf = '\0';
	for (size_t i = 0; i < count && !used; i++)
		for (size_t j = 0; findings[i].verdict == SG_PREDICTED &&
		     j < findings[i].nparties; j++)
			used += snprintf(buf + used, size - used, "%s",
					 sg_predict_task_name(predict, findings[i].parties[j].task));
}

static const struct {
	const char *name, *steps;
	size_t predicted;
	const char *tasks;	/* any order */
} cases[] = {
	{ "opposite orders", "A+x A+y A-y A-x B+y B+x B-x B-y", 1, "AB" },
	{ "three in a ring", "A+x A+y A-y A-x B+y B+z B-z B-y C+z C+x C-x C-z", 1, "ABC" },
	{ "issue 492: plain AB BA is missed", "A+1 A+2 A-2 A-1 B+2 B+1 B-1 B-2", 1, "AB" },
	{ "issue 1258: a ring with events between is missed",
	  "A+a B+b C+c A:signal:0 B:signal:1 C:signal:2 A-a B-b C-c "
	  "A+a A+b A-b A-a B+b B+c B-c B-b C+c C+a C-a C-c", 1, "ABC" },
	{ "issue 488: one task, other tasks take one lock each",
	  "A+1 A+2 A-1 A+1 A-1 A-2 B+1 B-1 B+2 B-2", 0, "" },
	{ "issues 814 and 1646: both orders in one task", "A+1 A+2 A-2 A-1 A+2 A+1 A-1 A-2", 0, "" },
	{ "issue 1419: three locks, two tasks",
	  "A+1 A+2 A-2 A-1 A+2 A+3 A-3 A-2 B+3 B+1 B-1 B-3 "
	  "A+1 A+2 A-2 A-1 A+2 A+3 A-3 A-2 B+3 B+1 B-1 B-3", 0, "" },
	{ "issue 1798: another lock at the same address", "A+1 A+2a A-2a A-1 A+2b A+1 A-1 A-2b", 0, "" },
	{ "a gate lock", "A+g A+x A+y A-y A-x A-g B+g B+y B+x B-x B-y B-g", 0, "" },
	{ "a gate lock read by both", "A:acqr:g A+x A+y A-y A-x A-g B:acqr:g B+y B+x B-x B-y B-g",
	  1, "AB" },
	{ "a gate lock held by who joins",
	  "A+g A:fork:B B+x B+y B-y B-x A:join:B A-g C+g C:fork:D D+y D+x D-x D-y C:join:D C-g",
	  0, "" },
	{ "the same without joining", "A+g A:fork:B B+x B+y B-y B-x A-g C+g C:fork:D D+y D+x D-x D-y C-g",
	  1, "BD" },
	{ "one ended before the other began", "A+x A+y A-y A-x A:fork:B B+y B+x B-x B-y", 0, "" },
	{ "waiting for one that needs the lock", "A:fork:B B+x B-x A+x A:join:B A-x", 1, "AB" },
	{ "readers do not wait for readers", "A:acqr:x A+y A-y A-x B+y B:acqr:x B-x B-y", 0, "" },
	{ "but for a writer in front of them",
	  "A:acqr:x A+y A-y A-x B+y B:acqr:x B-x B-y C+x C-x", 1, "ABC" },
	{ "reading twice with a writer in between", "A:acqr:x A:acqr:x A-x A-x B+x B-x", 1, "AB" },
	{ "a try does not wait", "A+x A:try:y A-y A-x B+y B+x B-x B-y", 0, "" },
	{ "a try holds", "A:try:x A+y A-y A-x B+y B+x B-x B-y", 1, "AB" },
	{ "taking what one has already", "A+x A+x A-x A+y A-y A-x B+y B+x B-x B-y", 1, "AB" },
	{ "a completion under a lock", "B+x B-x B:signal:e A+x A:await:e A-x", 1, "AB" },
	{ "a completion that another task can complete as well",
	  "B+x B-x B:signal:e C:signal:e A+x A:await:e A-x", 0, "" },
	{ "a completion whose both completers need the lock",
	  "B+x B-x B:signal:e C+x C-x C:signal:e A+x A:await:e A-x", 1, "ABC" },
	{ "a drain under a lock that somebody inside takes",
	  "W:tryr:file W+r W-r W-file R+r R:drain:file R-r", 1, "RW" },
	{ "a drain after the lock", "W:tryr:file W+r W-r W-file R+r R-r R:drain:file", 0, "" },
	{ "what was passed once has to be passed again",
	  "A+a A-a B+a B:signal:e A:await:e B+y B+z B-z B-y B-a A+a A-a A+z A+y A-y A-z", 0, "" },
	{ "the same under a lock of the parent",
	  "P+x P:fork:A A+s A-s P+s P-x A+x A-x P+y P+z P-z P-y P-s A+s A-s A+z A+y A-y A-z", 0, "" },
	{ "given back by another task", "A:try:x B+y B-x B-y C+y C+x C-x C-y", 1, "BC" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_predict *predict = analyse(cases[i].steps, NULL);
		char names[64];

		names_of(predict, names, sizeof(names));
		if (count_of(predict, SG_PREDICTED) != cases[i].predicted ||
		    count_of(predict, SG_UNKNOWN) || strlen(names) != strlen(cases[i].tasks) ||
		    strspn(names, cases[i].tasks) != strlen(names))
			fail_msg("%s: %zu predicted, %zu unknown: %s", cases[i].name,
				 count_of(predict, SG_PREDICTED), count_of(predict, SG_UNKNOWN),
				 names);
		sg_predict_destroy(predict);
	}
}

/* The same lock in two files; tasks of the same name are two. */
static void test_two_runs(void **state)
{
	struct sg_predict *predict = analyse("A+x A+y A-y A-x", "A+y A+x A-x A-y");
	size_t count;
	const struct sg_finding *finding = sg_predict_findings(predict, &count);

	(void)state;
	assert_int_equal(count_of(predict, SG_PREDICTED), 1);
	for (size_t i = 0; i < 2; i++) {
		const struct sg_party *party = &finding->parties[i];

		assert_int_equal(sg_predict_task_file(predict, party->task), i);
		assert_int_equal(party->record, 2);
		assert_int_equal(party->nholds, 1);
		assert_int_equal(party->holds[0].record, 1);
	}
	sg_predict_destroy(predict);
}

static void test_limits(void **state)
{
	static const struct sg_predict_options two = { .parties = 2 }, few = { .states = 1 };
	struct sg_predict *predict = sg_predict_create();
	struct sg_error err;

	(void)state;
	add(predict, cases[1].steps);
	assert_int_equal(sg_predict_run(predict, &two, &err), 0);
	assert_int_equal(count_of(predict, SG_PREDICTED), 0);
	assert_true(sg_predict_stats(predict)->capped);
	assert_int_equal(sg_predict_stats(predict)->complete_to, 2);
	sg_predict_destroy(predict);

	predict = sg_predict_create();
	add(predict, cases[1].steps);
	assert_int_equal(sg_predict_run(predict, &few, &err), 0);
	assert_int_equal(count_of(predict, SG_UNKNOWN), 1);
	sg_predict_destroy(predict);
}

/* What is done again and again is kept once. */
static void test_memory(void **state)
{
	struct sg_predict *predict = sg_predict_create();
	static const char round[] = "A+g A+x A+y A-y A-x A:acqr:z A-z A-g A+x A-x B+x B:acqr:z B-z B-x ";
	char *steps = calloc(10000, sizeof(round));

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		memcpy(steps + i * (sizeof(round) - 1), round, sizeof(round) - 1);
	add(predict, steps);
	assert_int_equal(sg_predict_stats(predict)->events, 140000);
	assert_int_equal(sg_predict_stats(predict)->kept, 15);	/* and a gap */
	free(steps);
	sg_predict_destroy(predict);
}

static void test_doubts(void **state)
{
	struct sg_predict *predict = analyse("A+x B+x A-y B-x A-x", NULL);

	(void)state;
	assert_int_equal(sg_predict_stats(predict)->contradictions, 1);
	assert_int_equal(sg_predict_stats(predict)->unmatched, 1);
	sg_predict_destroy(predict);
}

static void test_edges(void **state)
{
	struct sg_predict *predict = analyse("A+x A+y A-y A-x A+x A+y A-y A-x B+y B+z B-z B-y", NULL);
	struct sg_edge *edges;
	size_t count;

	(void)state;
	assert_int_equal(sg_predict_edges(predict, &edges, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(sg_predict_object_name(predict, edges[0].from), "x");
	assert_string_equal(sg_predict_object_name(predict, edges[1].to), "z");
	free(edges);
	sg_predict_destroy(predict);
}

/* The row vfio-close of a machine where nothing ever waited. */
static void test_vfio_close(void **state)
{
	struct sg_predict *predict = sg_predict_create();
	struct sg_trace_reader *reader;
	struct sg_error err;
	size_t count;
	const struct sg_finding *findings;

	(void)state;
	assert_int_equal(sg_trace_open("tests/data/vfio_close.std", &reader, &err), 0);
	assert_int_equal(sg_predict_add(predict, reader, NULL, NULL, &err), 0);
	sg_trace_close(reader);
	assert_int_equal(sg_predict_run(predict, NULL, &err), 0);
	findings = sg_predict_findings(predict, &count);
	assert_int_equal(count, 1);
	assert_int_equal(findings[0].verdict, SG_PREDICTED);
	assert_int_equal(findings[0].nparties, 3);
	sg_predict_destroy(predict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_two_runs),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_vfio_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
