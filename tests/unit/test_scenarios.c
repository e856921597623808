// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_scenarios.c - every scenario, for many seeds and numbers of drives
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <slotgate/plan.h>
#include <slotgate/scenario.h>

#define SEEDS 60

/* docs/PLAN.md: verb, fewest arguments, and where slot numbers begin (0: none) */
static const struct {
	const char *verb;
	int min;
	int slots;
} ops[] = {
	{ "modules", 1, 0 },	  { "slotgate", 0, 0 }, { "events", 0, 0 },	 { "await", 3, 3 },
	{ "vfio", 1, 1 },	  { "reset-method", 2, 2 }, { "owner", 2, 0 },
	{ "release", 1, 0 },	  { "kill", 1, 0 },	 { "write", 3, 0 },
	{ "off", 2, 2 },	  { "await-asked", 3, 0 }, { "await-busy", 2, 0 },
	{ "join", 1, 0 },	  { "cycle", 3, 3 },	 { "reload", 1, 0 },
	{ "bind", 2, 2 },	  { "unmarked", 1, 1 }, { "on", 2, 2 },
	{ "load", 1, 0 },	  { "unload", 1, 0 },	 { "refused", 2, 0 },
	{ "takeovers", 1, 0 },	  { "slotgate-unload", 0, 0 },
	{ "start", 1, 0 },	  { "stop", 1, 0 },	 { "sleep", 1, 0 },
	{ "yank", 1, 1 },	  { "notice", 1, 1 },	 { "again", 3, 0 },
	{ "insert", 1, 0 },
	{ "yank", 1, 1 },	  { "notice", 1, 1 },
	{ "inject", 2, 2 },	  { "plug", 1, 1 },
	{ "testpmd", 2, 2 },	  { "machine", 3, 3 },	 { "freeze", 1, 0 },
	{ "thaw", 1, 0 },	  { "memory", 1, 0 },	 { "leaks", 1, 0 },
	{ "await-recovered", 2, 2 },	  { "irq", 3, 3 },	 { "doze", 3, 3 },
	{ "xen", 0, 0 },	  { "pciback", 1, 2 },	 { "attach", 2, 2 },
	{ "detach", 3, 3 },	  { "close", 2, 0 },	 { "mark", 2, 2 },
	{ "returned", 1, 1 },	  { "read", 2, 2 },	 { "await-reads", 2, 2 },
	{ "command", 2, 0 },	  { "exits", 3, 0 },	 { "refill", 1, 1 },
	{ "driven", 2, 2 },	  { "interrupt", 1, 0 }, { "await-driver", 3, 3 },
	{ "deferred", 1, 1 },	  { "guest", 0, 0 },	 { "xl", 2, 0 },
	{ "await-said", 3, 0 },
};

static const struct sg_slot *find_slot(const struct sg_topology *topo, unsigned int number)
{
	for (unsigned int i = 0; i < topo->nslots; i++)
		if (topo->slots[i].number == number)
			return &topo->slots[i];
	return NULL;
}

static void check_line(char *line, const struct sg_topology *topo)
{
	char *words[SG_DRIVES_MAX + 8], *save = NULL;
	int count = 0;
	size_t op;

	for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	for (op = 0; op < sizeof(ops) / sizeof(ops[0]); op++)
		if (!strcmp(ops[op].verb, words[0]))
			break;
	assert_true(op < sizeof(ops) / sizeof(ops[0]));
	assert_true(count - 1 >= ops[op].min);
	for (int i = ops[op].slots; i && i < count; i++)
		assert_non_null(find_slot(topo, atoi(words[i])));
}

static void check_topology(const struct sg_topology *topo)
{
	assert_in_range(topo->nslots, 1, SG_DRIVES_MAX);
	for (unsigned int i = 0; i < topo->nslots; i++) {
		const struct sg_slot *slot = &topo->slots[i];

		assert_true(slot->number > 0);
		assert_ptr_equal(find_slot(topo, slot->number), slot);
		assert_true(slot->is_switch != slot->has_drive);
		if (slot->parent)
			assert_true(find_slot(topo, slot->parent)->is_switch);
	}
}

static void check(const struct sg_scenario *scenario, const struct sg_params *params)
{
	struct sg_topology topo, again;
	struct sg_plan plan, repeat;
	char *save = NULL;

	sg_plan_init(&plan);
	sg_plan_init(&repeat);
	memset(&topo, 0, sizeof(topo));
	memset(&again, 0, sizeof(again));
	assert_int_equal(scenario->describe(params, &topo, &plan), 0);
	assert_int_equal(scenario->describe(params, &again, &repeat), 0);
	assert_string_equal(plan.text, repeat.text);
	assert_memory_equal(&topo, &again, sizeof(topo));
	check_topology(&topo);
	for (char *l = strtok_r(plan.text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		check_line(l, &topo);
	sg_plan_deinit(&plan);
	sg_plan_deinit(&repeat);
}

static void test_all_seeds(void **state)
{
	(void)state;
	for (size_t i = 0; sg_scenarios[i]; i++)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			check(sg_scenarios[i], &(struct sg_params){ .seed = seed });
}

static void test_all_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; sg_scenarios[i]; i++)
		for (unsigned int n = sg_scenarios[i]->drives.min; n <= sg_scenarios[i]->drives.max;
		     n++)
			check(sg_scenarios[i], &(struct sg_params){ .seed = n, .drives = n });
}

static void refused(const struct sg_scenario *scenario, unsigned int drives)
{
	struct sg_topology topo;
	struct sg_plan plan;

	sg_plan_init(&plan);
	assert_int_equal(scenario->describe(&(struct sg_params){ .drives = drives }, &topo, &plan),
			 -ERANGE);
	sg_plan_deinit(&plan);
}

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; sg_scenarios[i]; i++) {
		refused(sg_scenarios[i], sg_scenarios[i]->drives.max + 1);
		refused(sg_scenarios[i], 1000);
		if (sg_scenarios[i]->drives.min > 1)
			refused(sg_scenarios[i], sg_scenarios[i]->drives.min - 1);
	}
}

static char *plan_text(const char *name, uint64_t seed)
{
	struct sg_topology topo;
	struct sg_plan plan;

	sg_plan_init(&plan);
	assert_int_equal(sg_scenario_find(name)->describe(&(struct sg_params){ .seed = seed },
							   &topo, &plan), 0);
	return plan.text;
}

/* slotgate has to cover modules that are there already as well as later ones. */
static void test_both_load_orders(void **state)
{
	unsigned int early = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		char *text = plan_text("vfio-close", seed);

		early += strstr(text, "\nslotgate\n") < strstr(text, "modules vfio");
		free(text);
	}
	assert_in_range(early, SEEDS / 4, SEEDS * 3 / 4);
}

/* The drive closed first has to be one whose slot is off, and not the first one off. */
static void test_vfio_close_order(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		char *text = plan_text("vfio-close", seed), *line, want[32];
		unsigned int last = 0, first_off;
		char *kill = strstr(text, "\nkill"), *off;

		line = strstr(text, "linger=never") + strlen("linger=never");
		while (*line == ' ')
			last = strtoul(line, &line, 10);
		first_off = strtoul(strchr(strstr(text, "\noff f") + 6, ' '), NULL, 10);
		assert_int_not_equal(last, first_off);
		snprintf(want, sizeof(want), "\noff f%u %u\n", last, last);
		off = strstr(text, want);
		assert_non_null(off);
		assert_true(off < kill);
		free(text);
	}
}

static void test_find(void **state)
{
	(void)state;
	assert_string_equal(sg_scenario_find("vfio-close")->name, "vfio-close");
	assert_null(sg_scenario_find("vfio"));
	assert_null(sg_scenario_find(""));
}

static void test_series(void **state)
{
	static const struct sg_skip skips[] = { { "5.10 6.12", "no means" }, { NULL, NULL } };
	const struct sg_scenario some = { .name = "some", .hangs_on = "6.1 7.2", .skips = skips };
	const struct sg_scenario none = { .name = "none" };

	(void)state;
	assert_string_equal(sg_series("5.10.0-32-amd64"), "5.10");
	assert_string_equal(sg_series("6.1.0-56-amd64"), "6.1");
	assert_string_equal(sg_series("6.11.2"), "6.1");
	assert_string_equal(sg_series("6.12.95+deb12-amd64"), "6.12");
	assert_string_equal(sg_series("7.10.1"), "7.2");
	assert_string_equal(sg_series("4.19.0"), "5.10");
	assert_string_equal(sg_series("nonsense"), "5.10");
	assert_true(sg_scenario_fails_on(&some, "6.1.0-56-amd64"));
	assert_false(sg_scenario_fails_on(&some, "6.12.95"));
	assert_true(sg_scenario_fails_on(&some, "7.2.13+deb14-amd64"));
	assert_false(sg_scenario_fails_on(&none, "6.1.0"));
	assert_string_equal(sg_scenario_skipped_on(&some, "6.12.95"), "no means");
	assert_null(sg_scenario_skipped_on(&some, "6.1.0"));
	assert_null(sg_scenario_skipped_on(&none, "6.1.0"));
}

/* One that the lab built counts as its series, and by its own name. */
static void test_built_here(void **state)
{
	static const struct sg_skip skips[] = { { "packaged", "no means" }, { NULL, NULL } };
	const struct sg_scenario some = { .name = "some", .hangs_on = "debug", .skips = skips };
	const struct sg_scenario old = { .name = "old", .hangs_on = "6.1" };

	(void)state;
	assert_true(sg_scenario_fails_on(&some, "6.1.192-slotgate-debug"));
	assert_false(sg_scenario_fails_on(&some, "6.1.192-slotgate-pciehp-2020"));
	assert_false(sg_scenario_fails_on(&some, "6.1.0-56-amd64"));
	assert_true(sg_scenario_fails_on(&old, "6.1.192-slotgate-debug"));
	assert_null(sg_scenario_skipped_on(&some, "6.1.192-slotgate-debug"));
	assert_string_equal(sg_scenario_skipped_on(&some, "6.1.0-56-amd64"), "no means");
}

/* Nothing but known series, and none of them both seen to fail and never run. */
static void test_series_of_rows(void **state)
{
	(void)state;
	for (size_t i = 0; sg_scenarios[i]; i++) {
		const struct sg_scenario *s = sg_scenarios[i];
		size_t known = 0, words = s->hangs_on != NULL;
		static const char *const built[] = { "debug", "pciehp-2020" };

		for (const char *at = s->hangs_on; at && *at; at++)
			words += *at == ' ';
		for (size_t n = 0; sg_series_known[n]; n++) {
			known += sg_scenario_fails_on(s, sg_series_known[n]);
			assert_false(sg_scenario_fails_on(s, sg_series_known[n]) &&
				     sg_scenario_skipped_on(s, sg_series_known[n]));
		}
		for (size_t n = 0; n < sizeof(built) / sizeof(built[0]); n++)
			known += s->hangs_on && strstr(s->hangs_on, built[n]);
		assert_int_equal(known, words);
	}
}

static void test_rows_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; sg_scenarios[i]; i++) {
		const struct sg_scenario *s = sg_scenarios[i];

		assert_true(s->name[0] && s->summary[0] && s->cycle[0]);
		assert_true(s->drives.min >= 1 && s->drives.max <= SG_DRIVES_MAX);
		assert_true(s->drives.min <= s->drives.max);
		assert_false(s->hangs_on && s->slotgate_only);
		for (const struct sg_skip *skip = s->skips; skip && skip->series; skip++)
			assert_true(skip->reason[0]);
		assert_ptr_equal(sg_scenario_find(s->name), s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_seeds),
		cmocka_unit_test(test_all_sizes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_both_load_orders),
		cmocka_unit_test(test_vfio_close_order),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_built_here),
		cmocka_unit_test(test_series_of_rows),
		cmocka_unit_test(test_rows_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
