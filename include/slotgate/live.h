/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live.h - evidence of a hang, taken from the machine that we run on
 */
#ifndef SLOTGATE_LIVE_H
#define SLOTGATE_LIVE_H

#include "slotgate/error.h"

struct json_object;

/**
 * sg_live_evidence - the `evidence` of docs/PLAN.md, as far as it can be had
 *
 * Takes two samples, @wait_ms apart.  Nothing is written anywhere and no device
 * is touched.  Beside the members that the lab's agent reports there are
 * `release`, `slotgate` (the state of the module) and `missing`: what could not
 * be read, and why, in plain words.
 */
int sg_live_evidence(unsigned int wait_ms, struct json_object **ret, struct sg_error *err);

#endif
