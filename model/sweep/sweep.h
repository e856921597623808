/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of sweep: main.c says what it does. */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdio.h>
#include <sys/types.h>

enum { SET_MAX = 8, FAMILIES_MAX = 16, JOBS_MAX = 16, AGENTS_MAX = 64, OPTIONS_MAX = 8, LINE = 256 };

/* What a search found; the child writes it when it ends. */
struct outcome {
	int done;
	int asked;		/* options that mattered */
	int errors;
	int cut;		/* the search was not complete */
	long depth;
	double states;
	double loops;		/* ways back to a state on the way there */
	double memory;
	double seconds;
};

struct family {
	const char *name;
	char options[LINE];
	int bits;
	unsigned long without;	/* agents that it does not have, a bit for each */
	long total, sets, shared;
	long depth;
	double states, memory, seconds;
};

/* A set that is being searched: for one family after the other. */
struct job {
	pid_t pid;
	long number;		/* of all that were begun */
	int set[SET_MAX];
	int family;
	struct outcome have[FAMILIES_MAX];
};

struct want {
	int size, jobs, random, agents_count, families_count;
	int agents[AGENTS_MAX];
	struct family families[FAMILIES_MAX];
	const char *keep, *key;
	char *options[OPTIONS_MAX];
	int options_count;
	int endless;		/* the program itself looks for runs that do not end */
	double limit, slice, memory;
};
extern struct want want;

/* pan.c */
int pan_main(int argc, char **argv);
/* of options.pml: options that the model asked for, as option_bit() has them */
extern int options_asked;
int option_bit(const char *name);

/* sets.c: a set is a choice of want.size of the agents, given by index, each not below the one before */
long count_all_sets(void);
int next_set(int *index);
int random_set(int *index);
long set_number(const int *set);
int not_for(const struct family *f, const int *set);
void write_set(const int *set, char separator, char *text);

/* kept.c: the searches of this run and of those before it with the same key */
void read_kept(void);
const struct outcome *find_kept(const struct job *job);
void keep(const struct job *job, const struct outcome *o);

/* search.c: one search, in a process of its own */
void search(struct job *job, int slot, struct outcome *outcome);

/* sweep.c: all of them */
int sweep(void);
void interrupt_sweep(int signal);
long sets_left(int family);
double now_seconds(void);

#endif
