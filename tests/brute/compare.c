// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare.c - the predictor against all interleavings
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brute.h"
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

/* Numbers behind "T", "L" and "E" are those of the trace. */
static unsigned int number(const char *name)
{
	return strtoul(name + 1, NULL, 10);
}

static int by_task(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return x[0] < y[0] ? -1 : x[0] > y[0];
}

static void describe(const struct sg_predict *predict, const struct sg_finding *finding,
		     char *buf, size_t size)
{
	unsigned int parts[BRUTE_TASKS][3];
	size_t used = 0;

	for (size_t i = 0; i < finding->nparties; i++) {
		const struct sg_party *party = &finding->parties[i];
		bool on_task = sg_trace_op_on_task(party->op);

		parts[i][0] = number(sg_predict_task_name(predict, party->task));
		parts[i][1] = party->op;
		parts[i][2] = number(on_task ? sg_predict_task_name(predict, party->object) :
					       sg_predict_object_name(predict, party->object));
	}
	qsort(parts, finding->nparties, sizeof(*parts), by_task);
	for (size_t i = 0; i < finding->nparties; i++)
		used += snprintf(buf + used, size - used, "%u %s %u;", parts[i][0],
				 parts[i][1] == SG_OP_FORK ? "begin" : sg_trace_op_word(parts[i][1]),
				 parts[i][2]);
}

static void collect(const struct sg_predict *predict, struct brute_deadlocks *ret,
		    struct brute_deadlocks *open, size_t *unknown)
{
	size_t count;
	const struct sg_finding *findings = sg_predict_findings(predict, &count);

	for (size_t i = 0; i < count; i++) {
		if (findings[i].verdict == SG_PREDICTED)
			describe(predict, &findings[i], ret->found[ret->count++], sizeof(*ret->found));
		if (findings[i].verdict != SG_UNKNOWN)
			continue;
		describe(predict, &findings[i], open->found[open->count++], sizeof(*open->found));
		++*unknown;
	}
	*unknown += sg_predict_stats(predict)->capped;
}

int brute_predict(const struct brute_trace *trace, struct brute_deadlocks *ret,
		  struct brute_deadlocks *open, size_t *unknown)
{
	char text[BRUTE_EVENTS * 32];
	struct text rest = { text, 0 };
	struct sg_trace_source source = { read_text, &rest };
	struct sg_predict *predict = sg_predict_create();
	struct sg_trace_reader *reader = NULL;
	struct sg_error err;
	int code;

	brute_text(trace, text, sizeof(text));
	rest.left = strlen(text);
	ret->count = open->count = 0;
	code = sg_trace_open_source(&source, "random", &reader, &err);
	if (!code)
		code = sg_predict_add(predict, reader, NULL, NULL, &err);
	if (!code)
		code = sg_predict_run(predict, NULL, &err);
	if (!code)
		collect(predict, ret, open, unknown);
	else
		fprintf(stderr, "%s\n", err.text);
	sg_trace_close(reader);
	sg_predict_destroy(predict);
	return code;
}

static bool contains(const struct brute_deadlocks *deadlocks, const char *text)
{
	for (size_t i = 0; i < deadlocks->count; i++)
		if (!strcmp(deadlocks->found[i], text))
			return true;
	return false;
}

static size_t report_missing(const struct brute_deadlocks *from, const struct brute_deadlocks *in,
			     const struct brute_deadlocks *or_in, uint64_t seed, const char *what)
{
	size_t missing = 0;

	for (size_t i = 0; i < from->count; i++)
		if (!contains(in, from->found[i]) && !(or_in && contains(or_in, from->found[i]))) {
			fprintf(stderr, "seed %llu: %s: %s\n", (unsigned long long)seed, what,
				from->found[i]);
			missing++;
		}
	return missing;
}

bool brute_compare(uint64_t seed, size_t *states, size_t *deadlocks, size_t *unknown)
{
	static struct brute_deadlocks all, predicted, open;
	struct brute_trace trace;
	char text[BRUTE_EVENTS * 32];
	size_t wrong;

	brute_random(seed, &trace);
	brute_deadlocks(&trace, &all);
	if (brute_predict(&trace, &predicted, &open, unknown) || all.overflow)
		return false;
	wrong = report_missing(&all, &predicted, &open, seed, "not predicted") +
		report_missing(&predicted, &all, NULL, seed, "predicted wrongly");
	if (wrong) {
		brute_text(&trace, text, sizeof(text));
		fprintf(stderr, "%s", text);
	}
	*states += all.states;
	*deadlocks += all.count;
	return !wrong;
}
