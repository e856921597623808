/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.pml - trace events of the module
 */
#define EVENT_BEGIN		1
#define traces(event, object)	skip
