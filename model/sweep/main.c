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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

struct want want = { .jobs = 1, .memory = 6000 };

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
	if (want.options_count == OPTIONS_MAX)
		exit(2);
	want.options[want.options_count++] = option;
	want.endless |= !strcmp(option, "-l");
}

/* What is told by "--name value". */
static const struct argument {
	const char *name;
	int *count;
	double *number;
	const char **text;
	void (*add)(char *value);
} arguments[] = {
	{ "--sets", .count = &want.size },
	{ "--jobs", .count = &want.jobs },
	{ "--random", .count = &want.random },
	{ "--seconds", .number = &want.limit },
	{ "--slice", .number = &want.slice },
	{ "--memory", .number = &want.memory },
	{ "--keep", .text = &want.keep },
	{ "--key", .text = &want.key },
	{ "--agents", .add = add_agents },
	{ "--option", .add = add_option },
};

static const struct argument *find_argument(const char *name)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++)
		if (!strcmp(arguments[i].name, name))
			return &arguments[i];
	fprintf(stderr, "sweep: %s: not known\n", name);
	exit(2);
}

static void set_argument(const struct argument *argument, char *value)
{
	if (argument->count)
		*argument->count = atoi(value);
	else if (argument->number)
		*argument->number = atof(value);
	else if (argument->text)
		*argument->text = value;
	else
		argument->add(value);
}

static void read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2)) {
			add_family(argv[i]);
			continue;
		}
		set_argument(find_argument(argv[i]), i + 1 < argc ? argv[i + 1] : (char[]){ "" });
		i++;
	}
	if (want.size < 1 || want.size > SET_MAX || want.jobs < 1 || want.jobs > JOBS_MAX ||
	    !want.agents_count || !want.families_count || (want.keep && !want.key)) {
		fprintf(stderr, "sweep: arguments do not fit together\n");
		exit(2);
	}
}

static int print_families(int failed)
{
	long left = 0;

	for (int i = 0; i < want.families_count; i++) {
		struct family *f = &want.families[i];
		long missing = sets_left(i);

		left += missing;
		printf("%s %ld %ld %.0f %ld %.1f %.2f %ld\n", f->name, f->sets, f->shared, f->states, f->depth,
		       f->memory, f->seconds, missing);
	}
	return failed ? 1 : left ? 3 : 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupt_sweep };

	if (argc < 2 || strcmp(argv[1], "--sets"))
		return pan_main(argc, argv);
	read_arguments(argc, argv);
	if (want.keep)
		read_kept();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return print_families(sweep());
}
