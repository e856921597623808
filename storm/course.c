// SPDX-License-Identifier: GPL-2.0-only
/*
 * course.c - what is done when, from the seed and the options alone
 *
 * Nothing that the machine offers or answers has a say, so that the same seed
 * gives the same plan everywhere.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "storm.h"

#define HOLD_MS 1500
#define LINGER_MS 3000
#define MINUTE_MS 60000

static unsigned int pick(struct storm *storm, unsigned int count)
{
	return sg_rng_range(&storm->rng, 0, count - 1);
}

static bool taken(const struct storm_config *config, size_t actor)
{
	return config->actors & 1u << actor;
}

static const struct storm_actor *pick_actor(struct storm *storm)
{
	const struct storm_config *config = storm->config;
	unsigned int sum = 0, left;

	for (size_t i = 0; storm_actors[i]; i++)
		sum += taken(config, i) ? storm_actors[i]->weight : 0;
	left = pick(storm, sum);
	for (size_t i = 0; storm_actors[i]; i++) {
		if (!taken(config, i))
			continue;
		if (left < storm_actors[i]->weight)
			return storm_actors[i];
		left -= storm_actors[i]->weight;
	}
	return NULL;
}

static unsigned int count_ways(const struct storm_actor *actor)
{
	unsigned int count = 0;

	while (actor->ways[count])
		count++;
	return count;
}

static bool has_slot(const struct storm_op *op, unsigned int slot)
{
	for (unsigned int i = 0; i < op->nslots; i++)
		if (op->slots[i] == slot)
			return true;
	return false;
}

static void pick_slots(struct storm *storm, struct storm_op *op)
{
	unsigned int want = 1 + pick(storm, op->actor->span);

	while (op->nslots < want && op->nslots < storm->config->nslots) {
		unsigned int slot = pick(storm, storm->config->nslots);

		if (!has_slot(op, slot))
			op->slots[op->nslots++] = slot;
	}
}

void storm_plan_init(struct storm *storm)
{
	sg_rng_init(&storm->rng, storm->config->seed);
}

/* Between half and one and a half times the mean distance. */
void storm_plan_next(struct storm *storm, struct storm_op *ret)
{
	unsigned int mean = MINUTE_MS / storm->config->rate;
	struct storm_op op = {
		.serial = storm->next.serial + 1,
		.due_ms = storm->next.due_ms + mean / 2 + pick(storm, mean + 1),
		.actor = pick_actor(storm),
	};

	assert(op.actor);	/* one is chosen at least */
	op.way = pick(storm, count_ways(op.actor));
	op.hold_ms = pick(storm, HOLD_MS);
	op.linger_ms = pick(storm, LINGER_MS);
	pick_slots(storm, &op);
	*ret = op;
}

void storm_op_text(const struct storm_config *config, const struct storm_op *op, char *buf,
		   size_t size)
{
	size_t len = snprintf(buf, size, "%8.2f s  %s %s, slot", op->due_ms / 1000.0,
			      op->actor->name, op->actor->ways[op->way]);

	for (unsigned int i = 0; i < op->nslots && len < size; i++)
		len += snprintf(buf + len, size - len, " %s", config->slots[op->slots[i]].name);
	if (len < size)
		snprintf(buf + len, size - len, ", hold %u ms, linger %u ms", op->hold_ms,
			 op->linger_ms);
}
