// SPDX-License-Identifier: GPL-2.0-only
/* One search: Spin's program in a process of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "sweep.h"

/* of pan.c */
extern double nstates, truncs2, memcnt, memlim;
extern long mreached;
extern unsigned long errors;
extern unsigned char warned;

/* The child's last words: pan.c ends in many places. */
static struct outcome *child_outcome;
static int slice_over;
static double child_begun;

static void child_ends(void)
{
	struct outcome *o = child_outcome;

	o->asked = options_asked;
	o->errors = errors;
	o->cut = warned || slice_over;
	o->depth = mreached;
	o->states = nstates;
	o->loops = truncs2;
	o->memory = memcnt / (1024 * 1024);
	o->seconds = now_seconds() - child_begun;
	o->done = 1;
}

static void set_options(char *list)
{
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
		if (*word != '-')
			setenv(word, "1", 1);
}

/* The search is in the midst of something: only what child_ends() reads is of use. */
static void end_slice(int signal)
{
	slice_over = signal;
	child_ends();
	_exit(0);
}

static void limit_slice(void)
{
	struct itimerval timer = { .it_value.tv_sec = want.slice };

	signal(SIGPROF, end_slice);
	setitimer(ITIMER_PROF, &timer, NULL);
}

static void child(struct job *job, int slot, struct outcome *outcome)
{
	char text[LINE], log[LINE], seed[32];
	char *arguments[OPTIONS_MAX + 4] = { "pan", "-m60000" };
	int count = 2;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	write_set(job->set, ' ', text);
	setenv("AGENTS", text, 1);
	set_options(want.families[job->family].options);
	snprintf(log, sizeof(log), "log.%d", slot);
	if (!freopen(log, "w", stdout))
		_exit(2);
	child_outcome = outcome;
	child_begun = now_seconds();
	memlim = want.memory * 1024 * 1024;
	for (int i = 0; i < want.options_count; i++)
		arguments[count++] = want.options[i];
	if (want.random) {
		snprintf(seed, sizeof(seed), "-RS%ld", job->number);
		arguments[count++] = seed;
	}
	limit_slice();
	atexit(child_ends);
	exit(pan_main(count, arguments));
}

void search(struct job *job, int slot, struct outcome *outcome)
{
	memset(outcome, 0, sizeof(*outcome));
	fflush(NULL);
	job->pid = fork();
	if (!job->pid)
		child(job, slot, outcome);
	if (job->pid < 0) {
		perror("sweep: fork");
		exit(2);
	}
}
