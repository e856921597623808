// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_metrics.c - counters as text for Prometheus, and those who read it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/metrics.h"

static const char *const all_counters[] = {
	"events", "resets", "refused", "waited", "deferred", "paid", "removals",
	"unbound_early", "left", "longest_wait_ms", "busy_ms",
};
#define NCOUNTERS (sizeof(all_counters) / sizeof(*all_counters))

static struct sg_counters counters(const char *name, unsigned long first)
{
	struct sg_counters ret = { .count = NCOUNTERS };

	snprintf(ret.name, sizeof(ret.name), "%s", name);
	for (size_t i = 0; i < NCOUNTERS; i++) {
		snprintf(ret.counter[i].name, sizeof(ret.counter[i].name), "%s", all_counters[i]);
		ret.counter[i].value = first + i;
	}
	return ret;
}

static char *print_with(const struct sg_patch_status *status, const struct sg_diagnosis *hang,
			bool openmetrics)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(sg_metrics_print(out, status, hang, openmetrics), 0);
	fclose(out);
	return text;
}

static char *print(const struct sg_patch_status *status, bool openmetrics)
{
	return print_with(status, NULL, openmetrics);
}

static const struct sg_row row = { .name = "vfio-close" };
static const struct sg_diagnosis hung = {
	.kind = SG_HANG_NAMED, .named = { { .row = &row } }, .nnamed = 1,
};

static char *print_full(bool openmetrics)
{
	struct sg_counters slots[] = { counters("2", 2000), counters("bay \"7\\b\"", 1) };
	struct sg_patch_status status = {
		.state = SG_PATCH_ON, .version = "0.1.0", .topology = counters("topology", 500),
		.slots = slots, .nslots = 2, .ntakeovers = 3,
	};

	return print_with(&status, &hung, openmetrics);
}

static void has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
}

static void test_not_loaded(void **state)
{
	struct sg_patch_status status = { .state = SG_PATCH_NONE };
	sg_autofree char *text = print(&status, false);

	(void)state;
	has(text, "\nslotgate_on 0\n");
	has(text, "\nslotgate_state{state=\"not loaded\"} 1\n");
	assert_null(strstr(text, "slotgate_slot"));
	assert_null(strstr(text, "slotgate_topology"));
	assert_null(strstr(text, "build_info"));
}

static void test_values(void **state)
{
	sg_autofree char *text = print_full(false);

	(void)state;
	has(text, "\nslotgate_on 1\n");
	has(text, "\nslotgate_build_info{version=\"0.1.0\"} 1\n");
	has(text, "\nslotgate_functions_taken_over 3\n");
	has(text, "# TYPE slotgate_slot_events_total counter\nslotgate_slot_events_total{slot=\"2\"} 2000\n");
	has(text, "\nslotgate_slot_events_total{slot=\"bay \\\"7\\\\b\\\"\"} 1\n");
	has(text, "# TYPE slotgate_slot_longest_wait_seconds gauge\n"
		  "slotgate_slot_longest_wait_seconds{slot=\"2\"} 2.009\n");
	has(text, "\nslotgate_topology_waits_total 503\n");
	assert_null(strstr(text, "# EOF"));
}

static void test_openmetrics(void **state)
{
	sg_autofree char *text = print_full(true);

	(void)state;
	has(text, "# TYPE slotgate_slot_events counter\nslotgate_slot_events_total{slot=\"2\"} 2000\n");
	assert_string_equal(strstr(text, "# EOF"), "# EOF\n");
}

static void test_hang(void **state)
{
	static const struct sg_diagnosis nothing = { .kind = SG_NOTHING_HANGS };
	static const struct sg_diagnosis unseen = { .kind = SG_HANG_UNSEEN };
	struct sg_patch_status status = { .state = SG_PATCH_NONE };
	sg_autofree char *not_looked = print(&status, false);
	sg_autofree char *well = print_with(&status, &nothing, false);
	sg_autofree char *named = print_with(&status, &hung, false);
	sg_autofree char *unknown = print_with(&status, &unseen, true);

	(void)state;
	assert_null(strstr(not_looked, "slotgate_hung"));
	has(well, "\nslotgate_hung 0\n");
	assert_null(strstr(well, "slotgate_hang{"));
	has(named, "\nslotgate_hung 1\n");
	has(named, "\nslotgate_hang{row=\"vfio-close\"} 1\n");
	has(unknown, "\nslotgate_hang{row=\"unknown\"} 1\n");
}

/* Every file that the module makes has to have a metric. */
static void test_module(void **state)
{
	static const char before[] = "SG_STAT_FILE(SG_";
	sg_autofree char *source = NULL;
	size_t files = 0;
	char name[64];

	(void)state;
	assert_int_equal(sg_file_read("kmod/stats.c", &source, NULL), 0);
	for (char *at = source; (at = strstr(at, before)); at++)
		if (sscanf(at, "SG_STAT_FILE(SG_%*[A-Z_], \"%63[a-z_]\")", name) == 1) {
			if (!sg_metrics_knows(name))
				fail_msg("the module counts %s, and there is no metric for it", name);
			files++;
		}
	assert_int_equal(files, NCOUNTERS);
}

/* Alert rules and dashboard speak of metrics that there are. */
static void check_reader(const char *path, const char *text)
{
	sg_autofree char *rules = NULL;
	size_t found = 0;
	char name[80], line[96];

	assert_int_equal(sg_file_read(path, &rules, NULL), 0);
	for (char *at = rules; (at = strstr(at, "slotgate_")); at++) {
		assert_int_equal(sscanf(at, "%79[a-z_]", name), 1);
		snprintf(line, sizeof(line), "\n%s", name);
		if (!strstr(text, line))
			fail_msg("%s speaks of %s, which is no metric", path, name);
		found++;
	}
	assert_true(found > 5);
}

static void test_readers(void **state)
{
	sg_autofree char *text = print_full(false);

	(void)state;
	check_reader("packaging/prometheus/slotgate.rules.yml", text);
	check_reader("packaging/grafana/slotgate.json", text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_loaded),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_openmetrics),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
