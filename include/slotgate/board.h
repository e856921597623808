/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * board.h - the scoreboard: scenarios by kernels, stock and with slotgate
 */
#ifndef SLOTGATE_BOARD_H
#define SLOTGATE_BOARD_H

#include "slotgate/runs.h"

#define SG_BOARD_LINES 16

/**
 * struct sg_cell - what the runs of one scenario on one kernel came to
 * @text:   verdicts, "hung 2/3, passed 1/3", and times; empty if there were no runs
 * @ok:     they say what they are to say
 * @reason: why they were skipped, or NULL; the scenario's own
 */
struct sg_cell {
	char text[256];	/* all verdicts, and the longest list of times: that of reload */
	bool ok;
	const char *reason;
};

/** struct sg_board_line - a kernel; @cells has a pair (stock, slotgate) for each row */
struct sg_board_line {
	char *release;
	struct sg_cell (*cells)[2];
};

/**
 * struct sg_board - the table
 * @scenarios: its rows, @rows of them
 */
struct sg_board {
	const struct sg_scenario *const *scenarios;
	size_t rows;
	struct sg_board_line lines[SG_BOARD_LINES];
	size_t count;
};

void sg_board_deinit(struct sg_board *board);

/** sg_board_add - a further kernel, with what its runs came to */
int sg_board_add(struct sg_board *board, const struct sg_runs *runs);

/** sg_board_ok - every cell is what it is to be */
bool sg_board_ok(const struct sg_board *board);

/** sg_board_markdown - the table, with notes below it; malloc'd, NULL without memory */
char *sg_board_markdown(const struct sg_board *board);

#endif
