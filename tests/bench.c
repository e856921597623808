// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [EVENTS...] - speed and memory of the predictor on traces with planted deadlocks
 *
 * Processor time of one core, from opening the file to the last verdict.  Ends
 * with 1 if something planted was not found, or anything else was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planted/planted.h"

static int measure(uint64_t events, const char *path)
{
	struct planted planted = {
		.seed = events, .events = events, .tasks = 16, .locks = 200, .cycles = 30,
		.sections = 300,
	};
	struct planted_outcome outcome;
	struct sg_error err;
	struct rusage usage;
	struct stat info;
	double seconds;

	if (planted_write(&planted, path, &err) || planted_predict(path, &outcome, &err)) {
		fprintf(stderr, "bench: %s\n", err.text);
		return 1;
	}
	getrusage(RUSAGE_SELF, &usage);
	stat(path, &info);
	seconds = outcome.read_s + outcome.analyse_s;
	printf("%9llu events, %5.1f MB: read %6.3f s, analysed %6.3f s, %5.2f M events/s; "
	       "%llu kept, %ld MB; %zu of %u found, %zu false alarms, %zu unknown\n",
	       (unsigned long long)outcome.events, info.st_size / 1e6, outcome.read_s,
	       outcome.analyse_s, outcome.events / seconds / 1e6,
	       (unsigned long long)outcome.kept, usage.ru_maxrss / 1024, outcome.predicted,
	       planted.cycles, outcome.wrong, outcome.unknown);
	return outcome.predicted != planted.cycles || outcome.wrong || outcome.unknown;
}

int main(int argc, char **argv)
{
	static char *sizes[] = { "100000", "1000000", "10000000" };
	char path[] = "/tmp/slotgate-bench-XXXXXX";
	int fd = mkstemp(path), bad = 0, count = argc > 1 ? argc - 1 : 3;
	char **list = argc > 1 ? argv + 1 : sizes;

	if (fd < 0)
		return 1;
	close(fd);
	for (int i = 0; i < count; i++)
		bad |= measure(strtoull(list[i], NULL, 10), path);
	unlink(path);
	return bad;
}
