// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_reload.c - slotgate comes and goes, how long that takes, and what it leaves behind
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"

#define TELL_EVERY 5		/* rounds */
#define MEMORY_EVERY 50

#define KINDS 3

/* How long one part of a round took, each time; to be sorted. */
struct durations {
	const char *name;
	void (*run)(void);
	unsigned int *ms;
	unsigned int count;
	unsigned int slowest;
};

static void take(struct durations *durations)
{
	uint64_t start = clock_ms();
	unsigned int ms;

	durations->run();
	ms = clock_ms() - start;
	durations->ms[durations->count++] = ms;
	if (ms > durations->slowest)
		durations->slowest = ms;
}

static int compare(const void *a, const void *b)
{
	unsigned int left = *(const unsigned int *)a, right = *(const unsigned int *)b;

	return (left > right) - (left < right);
}

static void report_durations(struct durations *durations)
{
	char name[32];

	qsort(durations->ms, durations->count, sizeof(*durations->ms), compare);
	snprintf(name, sizeof(name), "%s median", durations->name);
	report_time(name, durations->ms[durations->count / 2]);
	snprintf(name, sizeof(name), "%s slowest", durations->name);
	report_time(name, durations->slowest);
}

/* A run that is ended early has told as much. */
static void tell(unsigned int round, const struct durations *transition)
{
	char when[32];

	if (round % TELL_EVERY == 0)
		report_note("loaded and unloaded %u times, slowest transition %u ms", round,
			    transition->slowest);
	snprintf(when, sizeof(when), "after %u rounds", round);
	if (round == 1 || round % MEMORY_EVERY == 0)
		report_memory(when);
}

void op_reload(char **words, unsigned int count)
{
	unsigned int rounds = number_arg(words[0]);
	struct durations durations[KINDS] = {
		{ .name = "insert", .run = slotgate_insert },
		{ .name = "transition", .run = slotgate_await },
		{ .name = "unload", .run = slotgate_unload },
	};

	(void)count;
	for (size_t i = 0; i < KINDS; i++) {
		durations[i].ms = calloc(rounds, sizeof(*durations[i].ms));
		if (!rounds || !durations[i].ms)
			die("%u rounds are none, or too many", rounds);
	}
	for (unsigned int round = 1; round <= rounds; round++) {
		for (size_t i = 0; i < KINDS; i++)
			take(&durations[i]);
		tell(round, &durations[1]);
	}
	for (size_t i = 0; i < KINDS; i++) {
		report_durations(&durations[i]);
		free(durations[i].ms);
	}
}

void op_memory(char **words, unsigned int count)
{
	(void)count;
	report_memory(words[0]);
}

void op_leaks(char **words, unsigned int count)
{
	(void)count;
	if (strcmp(words[0], "none"))
		die("leaks none, not \"%s\"", words[0]);
	leaks_none();
}
