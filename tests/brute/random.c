// SPDX-License-Identifier: GPL-2.0-only
/*
 * random.c - small random traces
 *
 * A run is made up step by step: each step is one that the task could really
 * have done then.  Which kinds of steps there are depends on the seed, so that
 * plain locks get their share as well as all kinds at once.
 */
#include <stdio.h>
#include <string.h>

#include "brute.h"
#include "slotgate/plan.h"

enum { HOLDS_MAX = BRUTE_EVENTS };

struct run {
	struct brute_trace *trace;
	struct sg_rng rng;
	unsigned int tasks, objects, features;
	bool begun[BRUTE_TASKS], to_be_forked[BRUTE_TASKS], ended[BRUTE_TASKS];
	struct {
		uint8_t task, object;
		bool shared;
	} holds[HOLDS_MAX];
	size_t nholds;
	bool signalled[BRUTE_OBJECTS];
};

enum feature {
	READERS = 1, TRIES = 2, FORKS = 4, SIGNALS = 8, DRAINS = 16, HANDOVERS = 32, FAILS = 64,
};

static unsigned int pick(struct run *run, unsigned int count)
{
	return sg_rng_range(&run->rng, 0, count - 1);
}

static void add(struct run *run, unsigned int task, enum sg_trace_op op, unsigned int object)
{
	run->trace->events[run->trace->count++] = (struct brute_event){ task, op, object };
	run->begun[task] = true;
}

/* Does anybody but @except (or anybody at all) hold it so that @shared does not go with it? */
static bool in_the_way(const struct run *run, unsigned int object, bool shared, int except)
{
	for (size_t i = 0; i < run->nholds; i++)
		if (run->holds[i].object == object && run->holds[i].task != except &&
		    !(shared && run->holds[i].shared))
			return true;
	return false;
}

static void acquire(struct run *run, unsigned int task)
{
	bool shared = run->features & READERS && pick(run, 2);
	bool tries = run->features & TRIES && !pick(run, 4);
	unsigned int object = pick(run, run->objects);
	enum sg_trace_op op = shared ? SG_OP_ACQUIRE_SHARED : SG_OP_ACQUIRE;

	if (in_the_way(run, object, shared, -1)) {
		if (run->features & FAILS && in_the_way(run, object, shared, task))
			add(run, task, shared ? SG_OP_TRY_SHARED_FAILED : SG_OP_TRY_FAILED, object);
		return;
	}
	if (tries)
		op = shared ? SG_OP_TRY_SHARED : SG_OP_TRY;
	add(run, task, op, object);
	run->holds[run->nholds].task = task;
	run->holds[run->nholds].object = object;
	run->holds[run->nholds++].shared = shared;
}

/* Mostly what was taken last; now and then what another task holds. */
static void release(struct run *run, unsigned int task)
{
	bool any_order = !pick(run, 4), of_another = run->features & HANDOVERS && !pick(run, 6);

	for (size_t i = run->nholds; i-- > 0;) {
		bool own = run->holds[i].task == task, have_own = false;

		if (own == of_another || (any_order && pick(run, 2)))
			continue;
		/* What another task holds can be given back by one that does not hold it itself. */
		for (size_t j = 0; j < run->nholds; j++)
			have_own |= run->holds[j].task == task &&
				    run->holds[j].object == run->holds[i].object;
		if (of_another && have_own)
			continue;
		add(run, task, SG_OP_RELEASE, run->holds[i].object);
		memmove(&run->holds[i], &run->holds[i + 1],
			(--run->nholds - i) * sizeof(*run->holds));
		return;
	}
}

static void fork_or_join(struct run *run, unsigned int task)
{
	unsigned int other = pick(run, run->tasks);

	if (other == task)
		return;
	if (run->to_be_forked[other]) {
		run->to_be_forked[other] = false;
		add(run, task, SG_OP_FORK, other);
	} else if (run->begun[other] && (run->ended[other] || !pick(run, 3))) {
		run->ended[other] = true;
		add(run, task, SG_OP_JOIN, other);
	}
}

static void signal_or_await(struct run *run, unsigned int task)
{
	unsigned int object = pick(run, 2);

	if (run->signalled[object] && pick(run, 2)) {
		add(run, task, SG_OP_AWAIT, BRUTE_OBJECTS + object);
	} else {
		run->signalled[object] = true;
		add(run, task, SG_OP_SIGNAL, BRUTE_OBJECTS + object);
	}
}

static void step(struct run *run)
{
	unsigned int task = pick(run, run->tasks), choice = pick(run, 10);

	if (run->to_be_forked[task] || run->ended[task])
		return;
	if (choice < 5)
		acquire(run, task);
	else if (choice < 8)
		release(run, task);
	else if (choice == 8 && run->features & FORKS)
		fork_or_join(run, task);
	else if (run->features & SIGNALS && pick(run, 2))
		signal_or_await(run, task);
	else if (run->features & DRAINS) {
		unsigned int object = pick(run, run->objects);

		if (!in_the_way(run, object, false, task))
			add(run, task, SG_OP_DRAIN, object);
	}
}

void brute_random(uint64_t seed, struct brute_trace *ret)
{
	struct run run = { .trace = ret };
	unsigned int length;

	*ret = (struct brute_trace){0};
	sg_rng_init(&run.rng, seed);
	run.tasks = 2 + pick(&run, BRUTE_TASKS - 1);
	run.objects = 2 + pick(&run, BRUTE_OBJECTS - 1);
	run.features = pick(&run, 3) ? pick(&run, 128) : pick(&run, 4);
	length = 6 + pick(&run, run.tasks < 4 ? 25 : 17);
	for (unsigned int task = 1; task < run.tasks && run.features & FORKS; task++)
		run.to_be_forked[task] = pick(&run, 2);
	for (unsigned int tries = 0; tries < 200 && ret->count < length; tries++)
		step(&run);
}

void brute_text(const struct brute_trace *trace, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < trace->count && used < size; i++) {
		const struct brute_event *event = &trace->events[i];
		const char *sign = sg_trace_op_on_task(event->op) ? "T" :
				   event->object >= BRUTE_OBJECTS ? "E" : "L";

		used += snprintf(buf + used, size - used, "T%u|%s(%s%u)|%zu\n", event->task,
				 sg_trace_op_word(event->op), sign, event->object, i + 1);
	}
}
