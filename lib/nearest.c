// SPDX-License-Identifier: GPL-2.0-only
/*
 * nearest.c - what a misspelt word may have meant
 */
#include <stdlib.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/nearest.h"
#include "slotgate/strv.h"

enum { WORD_MAX = 64, SUGGESTIONS_MAX = 3 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment; rows i-2, i-1 and i of the table are kept. */
size_t sg_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	size_t rows[3][WORD_MAX + 1];

	if (na > WORD_MAX || nb > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = least(least(before[j], now[j - 1]) + 1,
				       before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], two[j - 2] + 1);
		}
	}
	return rows[na % 3][nb];
}

static size_t score(const char *word, const char *name)
{
	size_t n = strlen(word);

	/* A beginning that was typed right counts as near, however long the rest. */
	if (n >= 3 && !strncmp(word, name, n))
		return 1;
	return sg_distance(word, name);
}

char *sg_nearest(const char *word, const char *(*name)(const void *data, size_t index),
		 const void *data)
{
	size_t limit = strlen(word) / 3 + 1, found = 0;
	sg_autofree char *text = strdup("");

	for (size_t distance = 0; distance <= limit && !found; distance++)
		for (size_t i = 0; name(data, i) && found < SUGGESTIONS_MAX; i++) {
			char *more;

			if (score(word, name(data, i)) != distance)
				continue;
			more = sg_format("%s%s%s", text, found++ ? " or " : "; did you mean ",
					 name(data, i));
			if (!more)
				return NULL;
			free(text);
			text = more;
		}
	return found ? sg_format("%s?", text) : sg_steal(text);
}
