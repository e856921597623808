// SPDX-License-Identifier: GPL-2.0-only
/*
 * entry.c - what an entry is called, how it went and whether it should have
 */
#include <errno.h>
#include <string.h>

#include "json.h"
#include "load.h"
#include "slotgate/cleanup.h"
#include "slotgate/diagnose.h"
#include "slotgate/quiet.h"
#include "slotgate/strv.h"
#include "slotgate/vm.h"

struct report_entry *entry_add(struct report *report, const char *title)
{
	struct report_entry *entries = reallocarray(report->entries, report->count + 1,
						    sizeof(*entries));
	struct report_entry *entry;

	if (!entries)
		return NULL;
	report->entries = entries;
	entry = &entries[report->count];
	*entry = (struct report_entry){ .title = strdup(title), .subject = strdup("") };
	if (!entry->title || !entry->subject) {
		free(entry->title);
		free(entry->subject);
		return NULL;
	}
	report->count++;
	return entry;
}

/* Of the quiet runs, the seed is the row. */
static char *subject_of(const char *scenario, long long seed)
{
	long long row = 0;

	if (strcmp(scenario, sg_scenario_quiet.name))
		return strdup(scenario);
	while (row < seed && sg_quiet_rows[row].row)
		row++;
	return seed == row && sg_quiet_rows[row].row ? sg_format("%s, quiet", sg_quiet_rows[row].row) :
						       strdup(scenario);
}

int entry_name(struct report_entry *entry, const char *scenario, long long seed, const char *with)
{
	sg_autofree char *subject = subject_of(scenario, seed);
	sg_autofree char *title = !subject ? NULL : !strcmp(scenario, sg_scenario_quiet.name) ?
				  sg_format("%s, %s", subject, with) :
				  sg_format("%s, seed %lld, %s", subject, seed, with);

	if (!title)
		return -ENOMEM;
	free(entry->subject);
	free(entry->title);
	entry->subject = sg_steal(subject);
	entry->title = sg_steal(title);
	entry->known = sg_scenario_find(scenario);
	snprintf(entry->with, sizeof(entry->with), "%s", with);
	return 0;
}

static bool is_finding(const char *verdict)
{
	static const enum sg_verdict findings[] = { SG_HUNG, SG_WRONG, SG_CRASHED };

	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++)
		if (!strcmp(verdict, sg_verdict_name(findings[i])))
			return true;
	return false;
}

/* What is told of stock kernels in a scenario; a storm may end as it likes without slotgate. */
static enum report_expectation expect(const struct report_entry *entry)
{
	struct json_object *told = json_member(entry->result, "expected", json_type_boolean);
	bool stock = !strcmp(entry->with, "stock"), cured = !strcmp(entry->with, "slotgate");

	if (!strcmp(entry->verdict, sg_verdict_name(SG_SKIPPED)) ||
	    !strcmp(entry->verdict, sg_verdict_name(SG_PASSED)))
		return REPORT_AS_EXPECTED;
	if (!entry->known && !cured && is_finding(entry->verdict))
		return REPORT_OPEN;
	if (told)
		return json_object_get_boolean(told) ? REPORT_AS_EXPECTED : REPORT_UNEXPECTED;
	if (!is_finding(entry->verdict))
		return REPORT_UNEXPECTED;
	return stock && entry->known && sg_scenario_fails_on(entry->known, entry->release) ?
	       REPORT_AS_EXPECTED : REPORT_UNEXPECTED;
}

static void say(struct report_entry *entry, const char *verdict)
{
	snprintf(entry->verdict, sizeof(entry->verdict), "%s", verdict);
}

static void settle_prediction(struct report_entry *entry)
{
	say(entry, json_number(entry->prediction, "predicted") ? "predicted" :
		   json_number(entry->prediction, "unknown") ? "unknown" : "refuted");
	if (!json_count(json_list(entry->prediction, "findings")))
		say(entry, "nothing");
}

/* The first record of a guest tells its kernel. */
static const char *release_of(const struct report_entry *entry)
{
	const char *release = json_text(entry->result, "release");

	for (size_t i = 0; !*release && i < json_count(entry->records); i++)
		if (!strcmp(json_text(json_at(entry->records, i), "t"), "boot"))
			release = json_text(json_at(entry->records, i), "release");
	return *release ? release : json_text(entry->evidence, "release");
}

void entry_settle(struct report_entry *entry)
{
	snprintf(entry->release, sizeof(entry->release), "%s", release_of(entry));
	if (entry->result) {
		say(entry, json_text(entry->result, "verdict"));
		entry->expectation = expect(entry);
	} else if (entry->records) {
		say(entry, "unfinished");
		entry->expectation = REPORT_UNEXPECTED;
	} else if (entry->prediction) {
		settle_prediction(entry);
	} else {
		say(entry, sg_evidence_has_cycle(entry->evidence) ? "hung" :
			   json_count(json_list(entry->evidence, "tasks")) ? "stuck" : "nothing");
	}
}
