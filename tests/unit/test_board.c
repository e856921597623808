// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_board.c - the scoreboard's cells and table
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "slotgate/board.h"

enum { RUNS_MAX = 16 };

static const struct sg_skip no_means[] = { { "5.10", "has no such file" }, { NULL, NULL } };
static const struct sg_scenario hangs = { .name = "hangs", .hangs_on = "5.10 6.1" };
static const struct sg_scenario newer = { .name = "newer", .hangs_on = "6.1", .skips = no_means };
static const struct sg_skip no_module[] = { { "5.10", "no module" }, { NULL, NULL } };
static const struct sg_scenario own = { .name = "own", .slotgate_only = true, .skips = no_module };
static const struct sg_scenario *const all[] = { &hangs, &newer, &own };

struct list {
	struct sg_run runs[RUNS_MAX];
	size_t count;
};

/* One letter for each run: p(assed), h(ung), s(kipped), l(ost), c(rashed). */
static void add(struct list *list, const struct sg_scenario *scenario, bool with_slotgate,
		const char *letters)
{
	static const struct {
		char letter;
		enum sg_verdict verdict;
	} verdicts[] = {
		{ 'p', SG_PASSED }, { 'h', SG_HUNG }, { 's', SG_SKIPPED }, { 'l', SG_LOST },
		{ 'c', SG_CRASHED },
	};

	for (; *letters; letters++)
		for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
			if (verdicts[i].letter != *letters)
				continue;
			assert_true(list->count < RUNS_MAX);
			list->runs[list->count++] = (struct sg_run){
				.scenario = scenario, .with_slotgate = with_slotgate,
				.finished = true, .result.verdict = verdicts[i].verdict,
			};
		}
}

static void add_line(struct sg_board *board, const char *release, struct list *list)
{
	struct sg_kernel kernel = { .release = (char *)release };
	struct sg_runs runs = { .kernel = &kernel, .list = list->runs, .count = list->count };

	assert_int_equal(sg_board_add(board, &runs), 0);
}

static struct sg_board board_of_all(void)
{
	return (struct sg_board){ .scenarios = all, .rows = 3 };
}

static void all_as_known_is_ok(void **state)
{
	struct sg_board board = board_of_all();
	struct list old = {0}, new = {0};
	char *text;

	(void)state;
	add(&old, &hangs, false, "hhp");
	add(&old, &hangs, true, "ppp");
	add(&old, &newer, false, "s");
	add(&old, &newer, true, "s");
	add(&old, &own, true, "s");
	add_line(&board, "5.10.0-32-amd64", &old);
	add(&new, &hangs, false, "hch");
	add(&new, &hangs, true, "p");
	add(&new, &newer, false, "hhh");
	add(&new, &newer, true, "p");
	add(&new, &own, true, "p");
	add_line(&board, "6.1.0-56-amd64", &new);
	assert_true(sg_board_ok(&board));
	text = sg_board_markdown(&board);
	assert_string_equal(text,
		"| scenario | 5.10 stock | 5.10 slotgate | 6.1 stock | 6.1 slotgate |\n"
		"|---|---|---|---|---|\n"
		"| `hangs` | passed 1/3, hung 2/3 | passed | hung 2/3, crashed 1/3 | passed |\n"
		"| `newer` | skipped [1] | skipped [1] | hung 3/3 | passed |\n"
		"| `own` | - | skipped [2] | - | passed |\n"
		"\nKernels: 5.10.0-32-amd64, 6.1.0-56-amd64\n"
		"[1] newer, 5.10.0-32-amd64: has no such file\n"
		"[2] own, 5.10.0-32-amd64: no module\n");
	free(text);
	sg_board_deinit(&board);
}

/* The table of one run each. */
static void one_row(const char *release, const char *stock, const char *cured, bool ok,
		    const char *want)
{
	struct sg_board board = board_of_all();
	struct list list = {0};
	char *text;

	add(&list, &hangs, false, stock);
	add(&list, &hangs, true, cured);
	add_line(&board, release, &list);
	assert_int_equal(sg_board_ok(&board), ok);
	text = sg_board_markdown(&board);
	if (!strstr(text, want))
		fail_msg("\"%s\" is not in:\n%s", want, text);
	free(text);
	sg_board_deinit(&board);
}

static void contradictions_stand_out(void **state)
{
	(void)state;
	one_row("6.1.0", "p", "p", false, "| `hangs` | **passed** | passed |");
	one_row("6.1.0", "h", "h", false, "| `hangs` | hung | **hung** |");
	one_row("6.1.0", "hhh", "phl", false, "| hung 3/3 | **passed 1/3, hung 1/3, lost 1/3** |");
	one_row("6.12.0", "h", "p", false, "| `hangs` | **hung** | passed |");
	one_row("6.12.0", "p", "p", true, "| `hangs` | passed | passed |");
	one_row("6.1.0", "", "p", true, "| `hangs` | - | passed |");
	one_row("6.1.0", "l", "p", false, "| `hangs` | **lost** | passed |");
}

static void times_are_told(void **state)
{
	struct sg_board board = board_of_all();
	struct list list = {0};
	char *text;

	(void)state;
	add(&list, &own, true, "p");
	list.runs[0].result.times = json_object_new_object();
	json_object_object_add(list.runs[0].result.times, "removal", json_object_new_int(20949));
	add_line(&board, "6.1.0", &list);
	text = sg_board_markdown(&board);
	assert_non_null(strstr(text, "| `own` | - | passed, removal 20.9 s |"));
	free(text);
	json_object_put(list.runs[0].result.times);
	sg_board_deinit(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_as_known_is_ok),
		cmocka_unit_test(contradictions_stand_out),
		cmocka_unit_test(times_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
