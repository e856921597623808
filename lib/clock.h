/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.h - the monotonic clock, which nobody sets
 */
#ifndef SLOTGATE_CLOCK_H
#define SLOTGATE_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void);
/** sleep_ms - all of it, also if a signal comes */
void sleep_ms(unsigned int ms);

#endif
