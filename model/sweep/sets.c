// SPDX-License-Identifier: GPL-2.0-only
/* Sets of agents: which there are, one after the other or at random. */
#include <stdio.h>
#include <stdlib.h>

#include "sweep.h"

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

/* Those of each family, and of all; --random tells how many. */
long count_all_sets(void)
{
	for (int i = 0; i < want.families_count; i++) {
		struct family *f = &want.families[i];
		int agents = 0;

		for (int j = 0; j < want.agents_count; j++)
			agents += !lacks(f, want.agents[j]);
		f->total = count_sets(agents);
	}
	return want.random ? want.random : count_sets(want.agents_count);
}

int not_for(const struct family *f, const int *set)
{
	for (int i = 0; i < want.size; i++)
		if (lacks(f, set[i]))
			return 1;
	return 0;
}

long set_number(const int *set)
{
	long number = 0;

	for (int i = 0; i < want.size; i++)
		number = number * AGENTS_MAX + set[i];
	return number;
}

void write_set(const int *set, char separator, char *text)
{
	for (int i = 0; i < want.size; i++)
		text += sprintf(text, "%s%d", i ? (char[]){ separator, 0 } : "", set[i]);
}

/* Sets count up like the digits of a number, each not below the one before. */
int next_set(int *index)
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

/* The next one of --random: agents in order, as the same set in another order is the same. */
int random_set(int *index)
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
