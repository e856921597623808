// SPDX-License-Identifier: GPL-2.0-only
/*
 * end.c - the ways in which a run ends
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "agent.h"

#define LOG_LINES 60

static char op[512];

void current_op(const char *text)
{
	snprintf(op, sizeof(op), "%s", text);
}

void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static struct json_object *end_record(const char *type, const char *fmt, va_list ap)
{
	struct json_object *rec = record(type);
	char why[512];

	vsnprintf(why, sizeof(why), fmt, ap);
	json_object_object_add(rec, "op", json_object_new_string(op));
	json_object_object_add(rec, "why", json_object_new_string(why));
	if (wait_pace_now() > 1)
		json_object_object_add(rec, "pace", json_object_new_int(wait_pace_now()));
	json_object_object_add(rec, "log", kernel_log(LOG_LINES));
	return rec;
}

/** die - the plan could not be carried out: the agent's or the lab's defect */
void die(const char *fmt, ...)
{
	struct json_object *rec;
	va_list ap;

	va_start(ap, fmt);
	rec = end_record("error", fmt, ap);
	va_end(ap);
	report(rec);
	power_off();
}

/** wrong - nothing hung, but the kernel did what it must not do */
void wrong(const char *fmt, ...)
{
	struct json_object *rec;
	va_list ap;

	va_start(ap, fmt);
	rec = end_record("wrong", fmt, ap);
	va_end(ap);
	report_counters();
	report(rec);
	power_off();
}

/**
 * hung - the kernel did not finish in time: say where it stands, and stay
 *
 * A deadlocked kernel cannot be told to power off; the host ends the machine.
 */
void hung(const char *fmt, ...)
{
	struct json_object *rec;
	va_list ap;

	va_start(ap, fmt);
	rec = end_record("hung", fmt, ap);
	va_end(ap);
	report_evidence();
	report_counters();
	report_klog();
	report_logs();
	report(rec);
	for (;;)
		pause();
}
