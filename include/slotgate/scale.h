/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scale.h - how long removals take, by the number of drives: stock and with slotgate
 */
#ifndef SLOTGATE_SCALE_H
#define SLOTGATE_SCALE_H

#include <stddef.h>

#include "slotgate/scenario.h"

enum { SG_SCALE_STOCK, SG_SCALE_SLOTGATE, SG_SCALE_KINDS };

/**
 * struct sg_scale_point - drives pulled at once, and the seconds until all were gone
 * @seconds: negative: not known
 * @other:   until a slot was served that has nothing to do with them; negative: there was none
 */
struct sg_scale_point {
	unsigned int drives;
	double seconds[SG_SCALE_KINDS];
	double other[SG_SCALE_KINDS];
};

/** sg_scenario_scale_owners - the plan of slow-owners, for any number of drives */
extern const struct sg_scenario sg_scenario_scale_owners;
/** sg_scenario_scale_surprise - drives that are gone without a word, and one that is switched off */
extern const struct sg_scenario sg_scenario_scale_surprise;

/** sg_scale_markdown - a table, and how much longer the last takes than the first; NULL: no memory */
char *sg_scale_markdown(const struct sg_scale_point *points, size_t count);

/** sg_scale_svg - both curves as a picture; NULL: no memory */
char *sg_scale_svg(const struct sg_scale_point *points, size_t count, const char *release);

#endif
