// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep - the checker, for one set of agents or for every set of N agents
 *
 * Linked with Spin's pan.c, whose main() is pan_main() here.  Without --sets it is that
 * program.  With it:
 *
 *	pan --sets N --agents "1 2 3" [--jobs N] [--keep FILE --key KEY] [--seconds N]
 *	    [--slice N] [--memory MIB] [--random N] [--option -X]... FAMILY=OPTION,OPTION... ...
 *
 * Every choice of N of these agents, the same one twice as well, is a search of its own, in
 * a process of its own: small, so exact.  A family is a set of options, as in options.pml;
 * "-N" among them: without sets that agent N is in.  A search that asked for no option in
 * which two families differ counts for both.
 *
 * FILE gets a line for each search: begun again with the same KEY, what is in there is not
 * searched twice.  Stops at the first set with an error, or with a run that does not end: its
 * log is "log" then, its trail slotgate.pml.trail, its agents and options are in "failed".
 *
 * Each search may take --slice seconds of a processor; a set whose search takes longer is left
 * over.  --random N: that many sets at random (the same ones each time), in the families by
 * turns, each with a seed of its own; a slice that is over is nothing special there.  An
 * --option goes to Spin's program; with -l it looks for runs that do not end itself.
 *
 * Prints a line for each family: name, sets, sets that another family's search counted for,
 * states, depth, largest memory in MiB, seconds, sets left.
 * Ends with 0, 1 on an error, 3 when sets are left over.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* of pan.c */
int pan_main(int argc, char **argv);
extern double nstates, truncs2, memcnt, memlim;
extern long mreached;
extern unsigned long errors;
extern unsigned char warned;
/* of options.pml */
extern int options_asked;
int option_bit(const char *name);

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

/* A search of an earlier run. */
struct kept {
	long number;
	int family;
	struct outcome outcome;
};

static struct {
	int size, jobs, agents_count, families_count;
	int agents[AGENTS_MAX];
	struct family families[FAMILIES_MAX];
	const char *keep, *key;
	char *options[OPTIONS_MAX];
	int options_count;
	int endless;		/* the program itself looks for runs that do not end */
	long random;
	double limit, slice, memory;
} want = { .jobs = 1, .memory = 6000 };

static struct job jobs[JOBS_MAX];
static struct outcome *shared;		/* one for each job */
static struct kept *kept;
static int kept_count;
static FILE *keep_file;
static long sets_begun, sets_done, sets_total;
static double states_new, begun;
static volatile sig_atomic_t interrupted;

static double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void interrupt(int signal)
{
	interrupted = signal;
}

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

static void write_set(const int *set, char separator, char *text)
{
	for (int i = 0; i < want.size; i++)
		text += sprintf(text, "%s%d", i ? (char[]){ separator, 0 } : "", set[i]);
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

static void child(struct job *job, struct outcome *outcome)
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
	snprintf(log, sizeof(log), "log.%d", (int)(job - jobs));
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

static void search(struct job *job)
{
	struct outcome *outcome = &shared[job - jobs];

	memset(outcome, 0, sizeof(*outcome));
	fflush(NULL);
	job->pid = fork();
	if (!job->pid)
		child(job, outcome);
	if (job->pid < 0) {
		perror("sweep: fork");
		exit(2);
	}
}

/* Sets count up like the digits of a number, each not below the one before. */
static int next_set(int *index)
{
	int i = want.size;

	while (i > 0 && index[i - 1] == want.agents_count - 1)
		i--;
	if (!i)
		return 0;
	index[i - 1]++;
	for (int j = i; j < want.size; j++)
		index[j] = index[i - 1];
	return 1;
}

static long count_sets(int agents)
{
	double count = 1;

	for (int i = 0; i < want.size; i++)
		count = count * (agents + i) / (i + 1);
	return count + 0.5;
}

static int lacks(const struct family *f, int agent)
{
	return f->without >> agent & 1;
}

static void count_all_sets(void)
{
	sets_total = want.random ? want.random : count_sets(want.agents_count);
	for (int i = 0; i < want.families_count; i++) {
		struct family *f = &want.families[i];
		int agents = 0;

		for (int j = 0; j < want.agents_count; j++)
			agents += !lacks(f, want.agents[j]);
		f->total = count_sets(agents);
	}
}

static int not_for(const struct family *f, const int *set)
{
	for (int i = 0; i < want.size; i++)
		if (lacks(f, set[i]))
			return 1;
	return 0;
}

static long set_number(const int *set)
{
	long number = 0;

	for (int i = 0; i < want.size; i++)
		number = number * AGENTS_MAX + set[i];
	return number;
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

static int compare_kept(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->family - y->family;
}

static const struct outcome *find_kept(const struct job *job)
{
	struct kept wanted = { .number = set_number(job->set), .family = job->family };
	struct kept *found = bsearch(&wanted, kept, kept_count, sizeof(*kept), compare_kept);

	return found ? &found->outcome : NULL;
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
			search(job);
			return 1;
		}
		job->have[job->family] = *o;
		account(f, o);
	}
	sets_done++;
	return 0;
}

static void keep(const struct job *job, const struct outcome *o)
{
	char set[LINE];

	if (!keep_file)
		return;
	write_set(job->set, ',', set);
	fprintf(keep_file, "%s %s %.0f %ld %.1f %.3f %.0f %d\n", set, want.families[job->family].name,
		o->states, o->depth, o->memory, o->seconds, o->loops, o->asked);
	fflush(keep_file);
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

/* The next one of --random: agents in order, as the same set in another order is the same. */
static int random_set(int *index)
{
	static long count;

	for (int i = 0; i < want.size; i++) {
		int agent = random() % want.agents_count, j = i;

		for (; j > 0 && index[j - 1] > agent; j--)
			index[j] = index[j - 1];
		index[j] = agent;
	}
	return ++count <= want.random;
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

static int sweep(void)
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

static int find_family(const char *name)
{
	for (int i = 0; i < want.families_count; i++)
		if (!strcmp(want.families[i].name, name))
			return i;
	return -1;
}

static int read_kept_line(const char *line, struct kept *k)
{
	char name[LINE], set[LINE];
	int members[SET_MAX], count = 0;
	struct outcome *o = &k->outcome;

	memset(k, 0, sizeof(*k));
	if (sscanf(line, "%255s %255s %lf %ld %lf %lf %lf %d", set, name, &o->states, &o->depth, &o->memory,
		   &o->seconds, &o->loops, &o->asked) != 8)
		return 0;
	for (char *word = strtok(set, ","); word && count < SET_MAX; word = strtok(NULL, ","))
		members[count++] = atoi(word);
	o->done = 1;
	k->family = find_family(name);
	if (k->family < 0 || count != want.size)
		return 0;
	k->number = set_number(members);
	return 1;
}

/* What an earlier run with the same key has done; else begins anew. */
static void read_kept(void)
{
	char line[LINE], key[LINE];
	FILE *file = fopen(want.keep, "r");

	snprintf(key, sizeof(key), "# %s\n", want.key);
	if (file && fgets(line, sizeof(line), file) && !strcmp(line, key)) {
		while (fgets(line, sizeof(line), file)) {
			if (!(kept_count & (kept_count - 1)))
				kept = realloc(kept, (kept_count ? 2 * kept_count : 1) * sizeof(*kept));
			if (!kept)
				exit(2);
			kept_count += read_kept_line(line, &kept[kept_count]);
		}
		qsort(kept, kept_count, sizeof(*kept), compare_kept);
		keep_file = fopen(want.keep, "a");
	} else {
		keep_file = fopen(want.keep, "w");
		if (keep_file)
			fputs(key, keep_file);
	}
	if (file)
		fclose(file);
	if (!keep_file) {
		fprintf(stderr, "sweep: %s: %s\n", want.keep, strerror(errno));
		exit(2);
	}
}

static void add_family(char *argument)
{
	struct family *f = &want.families[want.families_count++];
	char list[LINE], *options = strchr(argument, '=');

	if (want.families_count > FAMILIES_MAX || !options) {
		fprintf(stderr, "sweep: %s: not a family\n", argument);
		exit(2);
	}
	*options++ = 0;
	f->name = argument;
	snprintf(f->options, sizeof(f->options), "%s", options);
	snprintf(list, sizeof(list), "%s", options);
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
		if (*word == '-')
			f->without |= 1UL << atoi(word + 1);
		else
			f->bits |= option_bit(word);
}

static void add_agents(char *list)
{
	for (char *word = strtok(list, " "); word && want.agents_count < AGENTS_MAX; word = strtok(NULL, " "))
		want.agents[want.agents_count++] = atoi(word);
}

static void add_option(char *option)
{
	want.options[want.options_count++] = option;
	want.endless |= !strcmp(option, "-l");
}

static void read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strncmp(argv[i], "--", 2)) {
			add_family(argv[i]);
			continue;
		}
		i++;
		if (!strcmp(argv[i - 1], "--sets"))
			want.size = atoi(value);
		else if (!strcmp(argv[i - 1], "--agents"))
			add_agents(value);
		else if (!strcmp(argv[i - 1], "--jobs"))
			want.jobs = atoi(value);
		else if (!strcmp(argv[i - 1], "--keep"))
			want.keep = value;
		else if (!strcmp(argv[i - 1], "--key"))
			want.key = value;
		else if (!strcmp(argv[i - 1], "--seconds"))
			want.limit = atof(value);
		else if (!strcmp(argv[i - 1], "--slice"))
			want.slice = atof(value);
		else if (!strcmp(argv[i - 1], "--random"))
			want.random = atol(value);
		else if (!strcmp(argv[i - 1], "--option") && want.options_count < OPTIONS_MAX)
			add_option(value);
		else if (!strcmp(argv[i - 1], "--memory"))
			want.memory = atof(value);
		else
			exit(2);
	}
	if (want.size < 1 || want.size > SET_MAX || want.jobs < 1 || want.jobs > JOBS_MAX ||
	    !want.agents_count || !want.families_count || (want.keep && !want.key)) {
		fprintf(stderr, "sweep: arguments do not fit together\n");
		exit(2);
	}
}

/* Of the sets at random, those that this family would have been the first to have. */
static long turns_left(int family)
{
	long left = 0;

	for (long number = sets_begun + 1; number <= want.random; number++)
		left += number % want.families_count == family;
	return left;
}

static int print_families(int failed)
{
	long left = 0;

	for (int i = 0; i < want.families_count; i++) {
		struct family *f = &want.families[i];
		long missing = want.random ? turns_left(i) : f->total - f->sets - f->shared;

		left += missing;
		printf("%s %ld %ld %.0f %ld %.1f %.2f %ld\n", f->name, f->sets, f->shared, f->states, f->depth,
		       f->memory, f->seconds, missing);
	}
	return failed ? 1 : left ? 3 : 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupt };
	int failed;

	if (argc < 2 || strcmp(argv[1], "--sets"))
		return pan_main(argc, argv);
	read_arguments(argc, argv);
	begun = now_seconds();
	count_all_sets();
	shared = mmap(NULL, want.jobs * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("sweep: mmap");
		return 2;
	}
	if (want.keep)
		read_kept();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	failed = sweep();
	for (int i = 0; i < want.jobs; i++)
		if (jobs[i].pid > 0)
			kill(jobs[i].pid, SIGKILL);
	progress("\n");
	return print_families(failed);
}
