/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alarm.h - what no kernel's log may hold, whatever was done to it
 */
#ifndef SLOTGATE_ALARM_H
#define SLOTGATE_ALARM_H

#include <stdbool.h>

/** alarm_in - is this line of a kernel log such a complaint? */
bool alarm_in(const char *line);

#endif
