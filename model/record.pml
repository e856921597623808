/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.pml - trace events slotgate:*, and the order of them that a run recorded
 *
 * Built with -DRECORD the model takes a step that the module traces only when it is the
 * next one of the record; the end of the record is then an error of its own, so that the
 * checker stops there: the record is accepted.  The tracing call comes after the step
 * itself, so other tasks may do something between the two, here as there.
 *
 * The object is a slot, a device, or, for the topology gate, the slot of the handler plus 1
 * (0: no handler).  tests/model/accept writes the record in these numbers.
 */
#define EVENT_BEGIN		1	/* event_begin */
#define EVENT_END		2	/* event_end */
#define RESET_BEGIN		3	/* reset_begin */
#define RESET_END		4	/* reset_end */
#define RESET_REFUSED		5	/* reset_refused */
#define GATE_DYING		6	/* gate_dying */
#define EARLY_UNBIND_BEGIN	7	/* early_unbind_begin */
#define EARLY_UNBIND_END	8	/* early_unbind_end */
#define RESET_DEFERRED		9	/* reset_deferred */
#define TOPOLOGY_ENTER		10	/* topology_enter */
#define TOPOLOGY_LEFT		11	/* topology_enter with an error */

#ifdef RECORD
#define RECORD_MAX	60
byte record_event[RECORD_MAX];
byte record_object[RECORD_MAX];
byte record_length;
byte record_at;

c_decl {
	/* RECORD="EVENT OBJECT EVENT OBJECT ..." */
	static void record_read(unsigned char *event, unsigned char *object, unsigned char *length)
	{
		char *list = strdup(getenv("RECORD") ? getenv("RECORD") : ""), *word;
		int i = 0;

		for (word = strtok(list, " "); word && i < 60; word = strtok(NULL, " ")) {
			event[i] = atoi(word);
			word = strtok(NULL, " ");
			object[i++] = word ? atoi(word) : 0;
		}
		*length = i;
		free(list);
	}
};

#define traces(event, object)						\
	(record_at < record_length && record_event[record_at] == event &&	\
	 record_object[record_at] == (object)) -> record_at++;		\
	assert(record_at < record_length)
#else
#define traces(event, object)	skip
#endif
