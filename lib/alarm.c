// SPDX-License-Identifier: GPL-2.0-only
/*
 * alarm.c - what no kernel's log may hold, whatever was done to it
 */
#include <stddef.h>
#include <string.h>

#include "alarm.h"

static const char *const alarms[] = {
	"BUG:", "WARNING:", "Oops", "general protection fault", "kernel panic",
	"refcount_t:", "list_add corruption", "list_del corruption", "KASAN:",
	"blocked for more than", "soft lockup", "rcu: INFO:", NULL
};

bool alarm_in(const char *line)
{
	for (size_t i = 0; alarms[i]; i++)
		if (strstr(line, alarms[i]))
			return true;
	return false;
}
