// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock.c - the monotonic clock, and waiting by it
 */
#include <errno.h>
#include <time.h>

#include "agent.h"

#define POLL_MS 10

uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

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
