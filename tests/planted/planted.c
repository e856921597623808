// SPDX-License-Identifier: GPL-2.0-only
/*
 * planted.c - large traces with a known number of deadlocks in them
 *
 * Most sections take a few locks in ascending order.  Some take them in
 * descending order behind one of a few gate locks, which makes cycles that
 * cannot deadlock.  Planted cycles are strewn in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "planted.h"
#include "slotgate/cleanup.h"
#include "slotgate/plan.h"
#include "slotgate/predict.h"

enum { DEPTH_MAX = 4, CYCLE_MAX = 4, GATES = 4 };

struct section {
	uint32_t locks[DEPTH_MAX + 1];
	bool shared[DEPTH_MAX + 1];
	unsigned int count;
};

struct making {
	const struct planted *planted;
	struct sg_trace_writer *writer;
	struct sg_rng rng;
	struct section *sections;
	uint64_t events, time;
	int code;
	struct sg_error *err;
};

static void event(struct making *making, uint32_t task, enum sg_trace_op op, uint32_t lock)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_EVENT, .task = task, .op = op, .object = lock,
		.time = making->time += 700 + sg_rng_next(&making->rng) % 512,
	};

	if (!making->code)
		making->code = sg_trace_write(making->writer, &record, making->err);
	making->events++;
}

static void define(struct making *making)
{
	const struct planted *planted = making->planted;
	char name[32];

	for (unsigned int i = 0; i < planted->tasks && !making->code; i++) {
		snprintf(name, sizeof(name), "task%u", i);
		making->code = sg_trace_write_task(making->writer, name, NULL, making->err);
	}
	for (unsigned int i = 0; i < planted->locks + CYCLE_MAX * planted->cycles && !making->code;
	     i++) {
		if (i < planted->locks)
			snprintf(name, sizeof(name), "lock%u", i);
		else
			snprintf(name, sizeof(name), "planted%u", i - planted->locks);
		making->code = sg_trace_write_object(making->writer, SG_OBJ_RWSEM, name, NULL,
						     making->err);
	}
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Locks 0 to GATES - 1 are the gates; the others are split between the gates. */
static void make_section(struct making *making, struct section *section)
{
	unsigned int inner = making->planted->locks - GATES, share = inner / (GATES + 1);
	unsigned int gate = sg_rng_range(&making->rng, 0, GATES), n = 0;
	unsigned int count = sg_rng_range(&making->rng, 1, DEPTH_MAX);
	uint32_t locks[DEPTH_MAX];

	for (unsigned int i = 0; i < count; i++) {
		uint32_t lock = GATES + gate * share + sg_rng_range(&making->rng, 0, share - 1);
		bool there = false;

		for (unsigned int j = 0; j < n; j++)
			there |= locks[j] == lock;
		if (!there)
			locks[n++] = lock;
	}
	qsort(locks, n, sizeof(*locks), ascending);
	section->count = 0;
	if (gate < GATES) {
		/* Behind the gate any order is good, if it is the gate of all these locks. */
		section->locks[section->count++] = gate;
		sg_rng_shuffle(&making->rng, locks, n);
	}
	for (unsigned int i = 0; i < n; i++) {
		section->shared[section->count] = !sg_rng_range(&making->rng, 0, 3);
		section->locks[section->count++] = locks[i];
	}
}

static void do_section(struct making *making, uint32_t task, const struct section *section)
{
	for (unsigned int i = 0; i < section->count; i++)
		event(making, task, section->shared[i] ? SG_OP_ACQUIRE_SHARED : SG_OP_ACQUIRE,
		      section->locks[i]);
	for (unsigned int i = section->count; i-- > 0;)
		event(making, task, SG_OP_RELEASE, section->locks[i]);
}

/* Each task of the cycle takes its lock and then that of the next one. */
static void plant(struct making *making, unsigned int cycle)
{
	uint32_t first = making->planted->locks + CYCLE_MAX * cycle;
	unsigned int count = 2 + cycle % (CYCLE_MAX - 1), task = cycle * 7;

	for (unsigned int i = 0; i < count; i++) {
		struct section section = {
			.locks = { first + i, first + (i + 1) % count }, .count = 2,
		};

		do_section(making, (task + i) % making->planted->tasks, &section);
	}
}

static void fill(struct making *making)
{
	const struct planted *planted = making->planted;
	unsigned int cycle = 0;

	while (making->events < planted->events && !making->code) {
		uint32_t task = sg_rng_range(&making->rng, 0, planted->tasks - 1);

		do_section(making, task,
			   &making->sections[sg_rng_range(&making->rng, 0, planted->sections - 1)]);
		if (cycle < planted->cycles &&
		    making->events > planted->events * (cycle + 1) / (planted->cycles + 1))
			plant(making, cycle++);
	}
	while (cycle < planted->cycles)
		plant(making, cycle++);
}

int planted_write(const struct planted *planted, const char *path, struct sg_error *err)
{
	struct making making = { .planted = planted, .err = err };
	int code = sg_trace_create(path, &making.writer, err);

	if (code)
		return code;
	sg_rng_init(&making.rng, planted->seed);
	making.sections = calloc(planted->sections, sizeof(*making.sections));
	if (!making.sections)
		abort();
	for (unsigned int i = 0; i < planted->sections; i++)
		make_section(&making, &making.sections[i]);
	define(&making);
	fill(&making);
	free(making.sections);
	if (!making.code)
		return sg_trace_finish(making.writer, err);
	sg_trace_abandon(making.writer);
	return making.code;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void count_findings(const struct sg_predict *predict, struct planted_outcome *ret)
{
	size_t count;
	const struct sg_finding *findings = sg_predict_findings(predict, &count);

	for (size_t i = 0; i < count; i++) {
		bool planted = true;

		ret->unknown += findings[i].verdict == SG_UNKNOWN;
		if (findings[i].verdict != SG_PREDICTED)
			continue;
		for (size_t j = 0; j < findings[i].nparties; j++)
			planted &= !strncmp("planted", sg_predict_object_name(predict,
					    findings[i].parties[j].object), 7);
		ret->predicted += planted;
		ret->wrong += !planted;
	}
	ret->unknown += sg_predict_stats(predict)->capped;
}

int planted_predict(const char *path, struct planted_outcome *ret, struct sg_error *err)
{
	struct sg_predict *predict = sg_predict_create();
	struct sg_trace_reader *reader = NULL;
	double start = now();
	int code = sg_trace_open(path, &reader, err);

	*ret = (struct planted_outcome){0};
	if (!code)
		code = sg_predict_add(predict, reader, NULL, NULL, err);
	ret->read_s = now() - start;
	start = now();
	if (!code)
		code = sg_predict_run(predict, NULL, err);
	ret->analyse_s = now() - start;
	if (!code) {
		count_findings(predict, ret);
		ret->events = sg_predict_stats(predict)->events;
		ret->kept = sg_predict_stats(predict)->kept;
	}
	sg_trace_close(reader);
	sg_predict_destroy(predict);
	return code;
}
