// SPDX-License-Identifier: GPL-2.0-only
/* The searches of this run and of those before it with the same key, a line each in a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

struct kept {
	long number;		/* of the set */
	int family;
	struct outcome outcome;
};

static struct kept *kept;
static int kept_count;
static FILE *keep_file;

static int compare_kept(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->family - y->family;
}

const struct outcome *find_kept(const struct job *job)
{
	struct kept wanted = { .number = set_number(job->set), .family = job->family };
	struct kept *found = bsearch(&wanted, kept, kept_count, sizeof(*kept), compare_kept);

	return found ? &found->outcome : NULL;
}

void keep(const struct job *job, const struct outcome *o)
{
	char set[LINE];

	if (!keep_file)
		return;
	write_set(job->set, ',', set);
	fprintf(keep_file, "%s %s %.0f %ld %.1f %.3f %.0f %d\n", set, want.families[job->family].name,
		o->states, o->depth, o->memory, o->seconds, o->loops, o->asked);
	fflush(keep_file);
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

static void add_kept(const char *line)
{
	if (!(kept_count & (kept_count - 1)))
		kept = realloc(kept, (kept_count ? 2 * kept_count : 1) * sizeof(*kept));
	if (!kept)
		exit(2);
	kept_count += read_kept_line(line, &kept[kept_count]);
}

/* What an earlier run with the same key has done; else begins anew. */
void read_kept(void)
{
	char line[LINE], key[LINE];
	FILE *file = fopen(want.keep, "r");

	snprintf(key, sizeof(key), "# %s\n", want.key);
	if (file && fgets(line, sizeof(line), file) && !strcmp(line, key)) {
		while (fgets(line, sizeof(line), file))
			add_kept(line);
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
