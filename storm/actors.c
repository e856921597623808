// SPDX-License-Identifier: GPL-2.0-only
/*
 * actors.c - all kinds of users of a slot
 */
#include <string.h>

#include "actors.h"

const struct storm_actor *const storm_actors[] = {
	&storm_actor_power, &storm_actor_yank, &storm_actor_button, &storm_actor_remove,
	&storm_actor_reset, &storm_actor_owner, &storm_actor_bind, &storm_actor_sriov,
	&storm_actor_error, &storm_actor_port, NULL
};

const struct storm_actor *storm_actor_find(const char *name)
{
	for (size_t i = 0; storm_actors[i]; i++)
		if (!strcmp(storm_actors[i]->name, name))
			return storm_actors[i];
	return NULL;
}
