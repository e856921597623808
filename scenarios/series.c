// SPDX-License-Identifier: GPL-2.0-only
/*
 * series.c - what a scenario says of a kernel
 *
 * Scenarios speak of the kernel series that they were run on.  Another kernel
 * counts as the newest of these that is not newer than it: what is not known
 * to be cured is taken to be there still.
 *
 * A kernel that the lab built from source also counts by the name of its line,
 * any other as "packaged".
 */
#include <stdio.h>
#include <string.h>

#include <slotgate/scenario.h>

#define BUILT_HERE "-slotgate-"		/* see tools/build-kernel */

const char *const sg_series_known[] = { "5.10", "6.1", "6.12", "7.2", NULL };

struct version {
	unsigned int major, minor;
};

static struct version version_of(const char *text)
{
	struct version ret = {0};

	if (sscanf(text, "%u.%u", &ret.major, &ret.minor) != 2)
		ret = (struct version){0};
	return ret;
}

static bool is_newer(struct version a, struct version b)
{
	return a.major > b.major || (a.major == b.major && a.minor > b.minor);
}

const char *sg_series(const char *release)
{
	struct version version = version_of(release);
	const char *ret = sg_series_known[0];

	for (size_t i = 0; sg_series_known[i]; i++)
		if (!is_newer(version_of(sg_series_known[i]), version))
			ret = sg_series_known[i];
	return ret;
}

/* Is @series one of the words of @list? */
static bool is_among(const char *list, const char *series)
{
	size_t len = strlen(series);

	for (const char *at = list; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
		if (!strncmp(at, series, len) && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

bool sg_series_has(const char *list, const char *release)
{
	const char *built = strstr(release, BUILT_HERE);

	return is_among(list, sg_series(release)) ||
	       is_among(list, built ? built + strlen(BUILT_HERE) : "packaged");
}

bool sg_scenario_fails_on(const struct sg_scenario *scenario, const char *release)
{
	return sg_series_has(scenario->hangs_on, release);
}

const char *sg_scenario_skipped_on(const struct sg_scenario *scenario, const char *release)
{
	for (const struct sg_skip *skip = scenario->skips; skip && skip->series; skip++)
		if (sg_series_has(skip->series, release))
			return skip->reason;
	return NULL;
}
