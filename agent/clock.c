// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock.c - waiting by the clock
 */
#include "agent.h"

#define POLL_MS 10

static unsigned int pace = 1;

void wait_pace(unsigned int factor)
{
	pace = factor;
}

unsigned int wait_pace_now(void)
{
	return pace;
}

bool wait_for(unsigned int seconds, bool (*condition)(void *), void *arg)
{
	uint64_t deadline = clock_ms() + seconds * pace * 1000ULL;

	for (;;) {
		proc_reap();
		if (condition(arg))
			return true;
		if (clock_ms() >= deadline)
			return false;
		sleep_ms(POLL_MS);
	}
}
