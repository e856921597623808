/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live_internal.h - the parts of a running machine's evidence
 */
#ifndef SLOTGATE_LIVE_INTERNAL_H
#define SLOTGATE_LIVE_INTERNAL_H

#include <json-c/json.h>

/** live_slots - hot-plug slots with port, bus, devices and interrupt thread */
struct json_object *live_slots(void);

/** live_owners - processes that have devices open through vfio; @hidden: how many we may not see */
struct json_object *live_owners(unsigned int *hidden);

/** live_string - set member @key of @obj */
void live_string(struct json_object *obj, const char *key, const char *value);

#endif
