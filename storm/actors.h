/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * actors.h - the actors, each in its file
 */
#ifndef STORM_ACTORS_H
#define STORM_ACTORS_H

#include "storm.h"

extern const struct storm_actor storm_actor_power;
extern const struct storm_actor storm_actor_yank;
extern const struct storm_actor storm_actor_button;
extern const struct storm_actor storm_actor_remove;
extern const struct storm_actor storm_actor_reset;
extern const struct storm_actor storm_actor_owner;
extern const struct storm_actor storm_actor_bind;
extern const struct storm_actor storm_actor_sriov;
extern const struct storm_actor storm_actor_error;
extern const struct storm_actor storm_actor_port;

/** storm_vfio_lacks - what the actors lack that bind drives to vfio-pci */
const char *storm_vfio_lacks(const struct storm_config *config);

#endif
