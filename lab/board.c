// SPDX-License-Identifier: GPL-2.0-only
/*
 * board.c - the scoreboard: scenarios by kernels, stock and with slotgate
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "slotgate/board.h"
#include "slotgate/cleanup.h"

void sg_board_deinit(struct sg_board *board)
{
	for (size_t i = 0; i < board->count; i++) {
		free(board->lines[i].release);
		free(board->lines[i].cells);
	}
	board->count = 0;
}

static void append(struct sg_cell *cell, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct sg_cell *cell, const char *fmt, ...)
{
	size_t len = strlen(cell->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(cell->text + len, sizeof(cell->text) - len, fmt, args);
	va_end(args);
}

/* How many of how many, unless it goes without saying. */
static void add_verdicts(struct sg_cell *cell, const struct sg_tally *tally)
{
	for (int verdict = 0; verdict <= SG_STOPPED; verdict++) {
		unsigned int count = tally->verdicts[verdict];
		bool plain = count == tally->runs &&
			     (count == 1 || verdict == SG_PASSED || verdict == SG_SKIPPED);

		if (!count)
			continue;
		append(cell, "%s%s", cell->text[0] ? ", " : "", sg_verdict_name(verdict));
		if (!plain)
			append(cell, " %u/%u", count, tally->runs);
	}
}

/* What the plan measured, of the first run: a benchmark's verdict says little. */
static void add_times(struct sg_cell *cell, const struct sg_runs *runs,
		      const struct sg_scenario *scenario, bool with_slotgate)
{
	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_run *run = &runs->list[i];

		if (run->scenario != scenario || run->with_slotgate != with_slotgate ||
		    !run->result.times)
			continue;
		json_object_object_foreach(run->result.times, name, value)
			append(cell, ", %s %.1f s", name, json_object_get_int(value) / 1000.0);
		return;
	}
}

static struct sg_cell cell_of(const struct sg_runs *runs, const struct sg_scenario *scenario,
			      bool with_slotgate)
{
	struct sg_tally tally = sg_runs_tally(runs, scenario, with_slotgate);
	struct sg_cell cell = { .ok = sg_runs_ok_as(runs, scenario, with_slotgate) };

	add_verdicts(&cell, &tally);
	add_times(&cell, runs, scenario, with_slotgate);
	if (tally.verdicts[SG_SKIPPED])
		cell.reason = sg_scenario_skipped_on(scenario, runs->kernel->release);
	return cell;
}

int sg_board_add(struct sg_board *board, const struct sg_runs *runs)
{
	struct sg_board_line *line = &board->lines[board->count];

	if (board->count == SG_BOARD_LINES)
		return -E2BIG;
	line->release = strdup(runs->kernel->release);
	line->cells = calloc(board->rows, sizeof(*line->cells));
	board->count++;
	if (!line->release || !line->cells)
		return -ENOMEM;
	for (size_t row = 0; row < board->rows; row++)
		for (int with = 0; with <= 1; with++)
			line->cells[row][with] = cell_of(runs, board->scenarios[row], with);
	return 0;
}

bool sg_board_ok(const struct sg_board *board)
{
	bool ok = true;

	for (size_t i = 0; i < board->count; i++)
		for (size_t row = 0; row < board->rows; row++)
			ok &= board->lines[i].cells[row][0].ok && board->lines[i].cells[row][1].ok;
	return ok;
}

/* "6.1 stock" and so on: the release itself stands below the table. */
static void print_head(const struct sg_board *board, FILE *out)
{
	fputs("| scenario |", out);
	for (size_t i = 0; i < board->count; i++)
		for (int with = 0; with <= 1; with++)
			fprintf(out, " %s %s |", sg_series(board->lines[i].release),
				with ? "slotgate" : "stock");
	fputs("\n|---|", out);
	for (size_t i = 0; i < 2 * board->count; i++)
		fputs("---|", out);
	fputc('\n', out);
}

/* Every cell, from above and from the left: notes are numbered in that order. */
static void for_each_cell(const struct sg_board *board, FILE *out,
			  void (*print)(const struct sg_board *board, size_t row, size_t column,
					unsigned int *notes, FILE *out))
{
	unsigned int notes = 0;

	for (size_t row = 0; row < board->rows; row++)
		for (size_t column = 0; column < 2 * board->count; column++)
			print(board, row, column, &notes, out);
}

static const struct sg_cell *cell_at(const struct sg_board *board, size_t row, size_t column)
{
	return &board->lines[column / 2].cells[row][column % 2];
}

/* Stock and slotgate are left out for one reason, which is told once. */
static bool begins_note(const struct sg_board *board, size_t row, size_t column)
{
	const char *reason = cell_at(board, row, column)->reason;

	return reason && !(column % 2 && reason == cell_at(board, row, column - 1)->reason);
}

/* One that is not what it is to be is bold. */
static void print_cell(const struct sg_board *board, size_t row, size_t column,
		       unsigned int *notes, FILE *out)
{
	const struct sg_cell *cell = cell_at(board, row, column);
	const char *mark = cell->ok ? "" : "**";

	*notes += begins_note(board, row, column);
	if (!column)
		fprintf(out, "| `%s` |", board->scenarios[row]->name);
	if (cell->reason)
		fprintf(out, " %s [%u] |", cell->text, *notes);
	else
		fprintf(out, " %s%s%s |", mark, cell->text[0] ? cell->text : "-", mark);
	if (column + 1 == 2 * board->count)
		fputc('\n', out);
}

static void print_note(const struct sg_board *board, size_t row, size_t column,
		       unsigned int *notes, FILE *out)
{
	if (begins_note(board, row, column))
		fprintf(out, "[%u] %s, %s: %s\n", ++*notes, board->scenarios[row]->name,
			board->lines[column / 2].release, cell_at(board, row, column)->reason);
}

static void print_releases(const struct sg_board *board, FILE *out)
{
	fputs("\nKernels:", out);
	for (size_t i = 0; i < board->count; i++)
		fprintf(out, "%s %s", i ? "," : "", board->lines[i].release);
	fputs("\n", out);
}

char *sg_board_markdown(const struct sg_board *board)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_head(board, out);
	for_each_cell(board, out, print_cell);
	print_releases(board, out);
	for_each_cell(board, out, print_note);
	fclose(out);
	return text;
}
