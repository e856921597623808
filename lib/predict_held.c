// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_held.c - sets of held objects, as numbers
 *
 * Each distinct set exists once.  Where taking or giving back an object leads
 * from a set is remembered, so that an event costs one look-up.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"

enum { SLOTS_FIRST = 1024 };

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 31)) * 0x9e3779b97f4a7c15ULL;
	return value ^ (value >> 29);
}

bool grow_array(void **array, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t more = *room ? 2 * *room : 4;
	void *bigger;

	if (count < *room)
		return true;
	bigger = more > *room ? reallocarray(*array, more, size) : NULL;
	if (!bigger)
		return false;
	*array = bigger;
	*room = more;
	return true;
}

void held_deinit(struct held_table *table)
{
	free(table->entries);
	free(table->sets);
	free(table->by_content);
	free(table->moves);
}

int held_init(struct held_table *table)
{
	*table = (struct held_table){
		.by_content = calloc(SLOTS_FIRST, sizeof(*table->by_content)),
		.content_slots = SLOTS_FIRST,
		.moves = calloc(SLOTS_FIRST, sizeof(*table->moves)),
		.move_slots = SLOTS_FIRST,
		.sets = calloc(1, sizeof(*table->sets)),
		.nsets = 1,
		.set_room = 1,
	};
	if (table->by_content && table->moves && table->sets)
		return 0;
	held_deinit(table);
	return -ENOMEM;
}

const struct held_entry *held_find(const struct held_table *table, uint32_t set, uint32_t object)
{
	size_t count;
	const struct held_entry *entries = held_entries(table, set, &count);

	for (size_t i = 0; i < count && entries[i].object <= object; i++)
		if (entries[i].object == object)
			return &entries[i];
	return NULL;
}

bool held_conflict(const struct held_table *table, uint32_t a, uint32_t b)
{
	size_t na, nb;
	const struct held_entry *ea = held_entries(table, a, &na);
	const struct held_entry *eb = held_entries(table, b, &nb);

	for (size_t i = 0, j = 0; i < na && j < nb;) {
		if (ea[i].object == eb[j].object && (ea[i].exclusive || eb[j].exclusive))
			return true;
		if (ea[i].object < eb[j].object)
			i++;
		else
			j++;
	}
	return false;
}

bool held_within(const struct held_table *table, uint32_t part, uint32_t whole)
{
	size_t count;
	const struct held_entry *entries = held_entries(table, part, &count);

	if (part == whole || !count)
		return true;
	for (size_t i = 0; i < count; i++) {
		const struct held_entry *other = held_find(table, whole, entries[i].object);

		if (!other || other->exclusive < entries[i].exclusive ||
		    other->shared < entries[i].shared)
			return false;
	}
	return true;
}

static uint64_t content_hash(const struct held_entry *entries, size_t count)
{
	uint64_t value = count;

	for (size_t i = 0; i < count; i++)
		value = mix(value ^ entries[i].object) +
			((uint64_t)entries[i].exclusive << 16 | entries[i].shared);
	return mix(value);
}

static uint32_t *find_content(const struct held_table *table, const struct held_entry *entries,
			      size_t count)
{
	size_t slot = content_hash(entries, count) & (table->content_slots - 1);

	for (; table->by_content[slot]; slot = (slot + 1) & (table->content_slots - 1)) {
		const struct held_set *set = &table->sets[table->by_content[slot] - 1];

		if (set->count == count &&
		    !memcmp(table->entries + set->first, entries, count * sizeof(*entries)))
			break;
	}
	return &table->by_content[slot];
}

static int grow_content(struct held_table *table)
{
	uint32_t *old = table->by_content;
	uint32_t *slots = calloc(table->content_slots * 2, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	table->by_content = slots;
	table->content_slots *= 2;
	for (uint32_t set = 1; set < table->nsets; set++)
		*find_content(table, table->entries + table->sets[set].first,
			      table->sets[set].count) = set + 1;
	free(old);
	return 0;
}

/* The set whose content has been put behind the last one. */
static int intern_set(struct held_table *table, size_t count, uint32_t *ret)
{
	const struct held_entry *entries = table->entries + table->nentries;
	uint32_t *slot;

	*ret = 0;
	if (!count)
		return 0;
	slot = find_content(table, entries, count);
	if (*slot) {
		*ret = *slot - 1;
		return 0;
	}
	if (!grow(table->sets, table->nsets, table->set_room))
		return -ENOMEM;
	*ret = table->nsets++;
	table->sets[*ret] = (struct held_set){ table->nentries, count };
	table->nentries += count;
	*slot = table->nsets;
	return (size_t)table->nsets * 2 > table->content_slots ? grow_content(table) : 0;
}

static int reserve(struct held_table *table, size_t count)
{
	size_t room = 2 * (table->nentries + count);
	struct held_entry *entries;

	if (table->nentries + count <= table->entry_room)
		return 0;
	entries = reallocarray(table->entries, room, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	table->entries = entries;
	table->entry_room = room;
	return 0;
}

static void apply(struct held_entry *entry, enum held_change change)
{
	switch (change) {
	case HELD_TAKE:
		entry->exclusive++;
		break;
	case HELD_TAKE_SHARED:
		entry->shared++;
		break;
	case HELD_DROP:
		entry->exclusive--;
		break;
	case HELD_DROP_SHARED:
		entry->shared--;
		break;
	case HELD_ADD:
		entry->exclusive = 1;
		break;
	case HELD_ADD_SHARED:
		entry->shared = 1;
		break;
	}
}

/* The set that comes of @change, put together from scratch. */
static int compute(struct held_table *table, uint32_t from, uint32_t object,
		   enum held_change change, uint32_t *ret)
{
	size_t count = table->sets[from].count, n = 0, i = 0;
	struct held_entry entry = { .object = object };
	const struct held_entry *old;
	struct held_entry *out;

	if (reserve(table, count + 1))
		return -ENOMEM;
	old = table->entries + table->sets[from].first;
	out = table->entries + table->nentries;
	while (i < count && old[i].object < object)
		out[n++] = old[i++];
	if (i < count && old[i].object == object)
		entry = old[i++];
	apply(&entry, change);
	if (entry.exclusive || entry.shared)
		out[n++] = entry;
	while (i < count)
		out[n++] = old[i++];
	return intern_set(table, n, ret);
}

static struct held_move *find_move(const struct held_table *table, uint32_t from, uint32_t object,
				   enum held_change change)
{
	size_t slot = mix(((uint64_t)from << 32 | object) * 8 + change) & (table->move_slots - 1);
	struct held_move *move = &table->moves[slot];

	while (move->change &&
	       (move->from != from || move->object != object || move->change != change)) {
		slot = (slot + 1) & (table->move_slots - 1);
		move = &table->moves[slot];
	}
	return move;
}

static int grow_moves(struct held_table *table)
{
	struct held_move *old = table->moves;
	struct held_move *moves = calloc(table->move_slots * 2, sizeof(*moves));
	size_t count = table->move_slots;

	if (!moves)
		return -ENOMEM;
	table->moves = moves;
	table->move_slots *= 2;
	for (size_t i = 0; i < count; i++)
		if (old[i].change)
			*find_move(table, old[i].from, old[i].object, old[i].change) = old[i];
	free(old);
	return 0;
}

int held_change(struct held_table *table, uint32_t from, uint32_t object,
		enum held_change change, uint32_t *ret)
{
	struct held_move *move = find_move(table, from, object, change);
	int err;

	if (move->change) {
		*ret = move->to;
		return 0;
	}
	err = compute(table, from, object, change, ret);
	if (err)
		return err;
	*move = (struct held_move){ from, object, *ret, change };
	return ++table->nmoves * 2 > table->move_slots ? grow_moves(table) : 0;
}
