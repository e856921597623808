// SPDX-License-Identifier: GPL-2.0-only
/*
 * number.c - numbers that users type
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "slotgate/number.h"

int sg_number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))	/* strtoull() would take "-1" */
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || value < low || value > high)
		return -ERANGE;
	*ret = value;
	return 0;
}
