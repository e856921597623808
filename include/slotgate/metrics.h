/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics.h - the module's state and counters as text for Prometheus
 */
#ifndef SLOTGATE_METRICS_H
#define SLOTGATE_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "slotgate/diagnose.h"
#include "slotgate/livepatch.h"

/**
 * sg_metrics_print - write @status to @out
 * @hang: what the machine was found to hang in; NULL if nobody looked
 * @openmetrics: as OpenMetrics, which differs in how counters are declared and
 *	in its last line; otherwise the text format that the node exporter's
 *	textfile collector reads
 *
 * Returns 0 or a negative errno of @out.
 */
int sg_metrics_print(FILE *out, const struct sg_patch_status *status,
		     const struct sg_diagnosis *hang, bool openmetrics);

/** sg_metrics_knows - is there a metric for what the module calls @counter? */
bool sg_metrics_knows(const char *counter);

#endif
