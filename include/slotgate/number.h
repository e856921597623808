/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * number.h - numbers that users type
 */
#ifndef SLOTGATE_NUMBER_H
#define SLOTGATE_NUMBER_H

#include <stdint.h>

/** sg_number_parse - @text as a decimal number from @low to @high; -EINVAL or -ERANGE */
int sg_number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *ret);

#endif
