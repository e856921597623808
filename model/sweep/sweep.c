// SPDX-License-Identifier: GPL-2.0-only
/* All the searches, some at a time. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sweep.h"

static struct job jobs[JOBS_MAX];
static struct outcome *shared;		/* one for each job */
static long sets_begun, sets_done, sets_total;
static double states_new, begun;
static volatile sig_atomic_t interrupted;

double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void interrupt_sweep(int signal)
{
	interrupted = signal;
}

static void account(struct family *f, const struct outcome *o)
{
	f->sets++;
	f->states += o->states;
	f->seconds += o->seconds;
	if (o->depth > f->depth)
		f->depth = o->depth;
	if (o->memory > f->memory)
		f->memory = o->memory;
}

/* Of this set, does an earlier family's search count for this one? */
static int covered(const struct job *job)
{
	for (int i = 0; i < job->family; i++) {
		const struct outcome *o = &job->have[i];
		int differ = want.families[i].bits ^ want.families[job->family].bits;

		if (o->done && !(differ & o->asked))
			return 1;
	}
	return 0;
}

/* Begins the next search of the job's set; 0 if there is none left. */
static int go_on(struct job *job)
{
	for (; job->family < want.families_count; job->family++) {
		struct family *f = &want.families[job->family];
		const struct outcome *o;

		if (not_for(f, job->set))
			continue;
		if (covered(job)) {
			f->shared++;
			continue;
		}
		o = find_kept(job);
		if (!o) {
			search(job, job - jobs, &shared[job - jobs]);
			return 1;
		}
		job->have[job->family] = *o;
		account(f, o);
	}
	sets_done++;
	return 0;
}

static void report_failure(const struct job *job, const struct outcome *o)
{
	char set[LINE], log[LINE];
	FILE *file = fopen("failed", "w");

	write_set(job->set, ' ', set);
	if (file) {
		fprintf(file, "%s\n%s\n", set, want.families[job->family].options);
		if (!o->errors)
			fprintf(file, "endless\n");
		fclose(file);
	}
	snprintf(log, sizeof(log), "log.%d", (int)(job - jobs));
	rename(log, "log");
}

/* A search is over: 0 if the sweep may go on. */
static int finish(struct job *job)
{
	struct outcome *o = &shared[job - jobs];

	job->pid = 0;
	if (o->done && (o->errors || (o->loops && !want.endless))) {
		report_failure(job, o);
		return 1;
	}
	if (o->done && (!o->cut || want.random)) {
		job->have[job->family] = *o;
		account(&want.families[job->family], o);
		keep(job, o);
		states_new += o->states;
	}
	job->family = want.random ? want.families_count : job->family + 1;
	return 0;
}

static void progress(const char *end)
{
	double spent = now_seconds() - begun;

	fprintf(stderr, "  %ld of %ld sets of %d, %.4g states searched, %.0f s%s", sets_done, sets_total,
		want.size, states_new, spent, end);
}

static void show_progress(void)
{
	static double last;
	int terminal = isatty(2);

	if (now_seconds() - last < (terminal ? 1 : 60))
		return;
	last = now_seconds();
	progress(terminal ? "\r" : "\n");
}

static struct job *find_job(pid_t pid)
{
	for (int i = 0; i < want.jobs; i++)
		if (jobs[i].pid == pid)
			return &jobs[i];
	return NULL;
}

/* Waits for one search, and goes on with its set: 1 on an error. */
static int wait_one(void)
{
	struct job *job;
	int status;
	pid_t pid;

	while ((pid = wait(&status)) < 0)
		if (errno != EINTR || interrupted)
			return 0;
	job = find_job(pid);
	if (!job)
		return 0;
	/* Spin's program could not do what it was asked to. */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		shared[job - jobs].done = 0;
	if (finish(job))
		return 1;
	show_progress();
	go_on(job);
	return 0;
}

static int running(void)
{
	int count = 0;

	for (int i = 0; i < want.jobs; i++)
		count += jobs[i].pid > 0;
	return count;
}

static int out_of_time(void)
{
	return interrupted || (want.limit && now_seconds() - begun > want.limit);
}

static int choose(int *index)
{
	return want.random ? random_set(index) : next_set(index);
}

static void begin(struct job *job, const int *index)
{
	memset(job, 0, sizeof(*job));
	job->number = ++sets_begun;
	for (int i = 0; i < want.size; i++)
		job->set[i] = want.agents[index[i]];
	if (want.random)
		job->family = job->number % want.families_count;
	go_on(job);
}

static int search_all(void)
{
	int index[SET_MAX] = { 0 };

	if (want.random)
		random_set(index);
	do {
		while (running() == want.jobs)
			if (wait_one())
				return 1;
		if (out_of_time())
			break;
		begin(find_job(0), index);
	} while (choose(index));
	while (running() && !interrupted)
		if (wait_one())
			return 1;
	return 0;
}

/* 1 on an error. */
int sweep(void)
{
	int failed;

	begun = now_seconds();
	sets_total = count_all_sets();
	shared = mmap(NULL, want.jobs * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("sweep: mmap");
		exit(2);
	}
	failed = search_all();
	for (int i = 0; i < want.jobs; i++)
		if (jobs[i].pid > 0)
			kill(jobs[i].pid, SIGKILL);
	progress("\n");
	return failed;
}

/* Of the sets at random, those that this family would have been the first to have. */
static long turns_left(int family)
{
	long left = 0;

	for (long number = sets_begun + 1; number <= want.random; number++)
		left += number % want.families_count == family;
	return left;
}

/* Sets of a family that were not searched. */
long sets_left(int family)
{
	const struct family *f = &want.families[family];

	return want.random ? turns_left(family) : f->total - f->sets - f->shared;
}
