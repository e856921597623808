// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [EVENTS...] - speed and memory of the predictor on traces with planted deadlocks
 *
 * "bench -w EVENTS FILE" only writes such a trace.
 *
 * Processor time of one core, from opening the file to the last verdict.  Ends
 * with 1 if something planted was not found, or anything else was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planted/planted.h"

static struct planted planted_of(uint64_t events)
{
	return (struct planted){
		.seed = events, .events = events, .tasks = 16, .locks = 200, .cycles = 30,
		.sections = 300,
	};
}

static int write_only(uint64_t events, const char *path)
{
	struct planted planted = planted_of(events);
	struct sg_error err;

	if (!planted_write(&planted, path, &err))
		return 0;
	fprintf(stderr, "bench: %s\n", err.text);
	return 1;
}

static int measure(uint64_t events, const char *path)
{
	struct planted planted = planted_of(events);
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
	int bad = 0, count = argc > 1 ? argc - 1 : 3, fd;
	char **list = argc > 1 ? argv + 1 : sizes;

	if (argc == 4 && !strcmp(argv[1], "-w"))
		return write_only(strtoull(argv[2], NULL, 10), argv[3]);
	fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	for (int i = 0; i < count; i++)
		bad |= measure(strtoull(list[i], NULL, 10), path);
	unlink(path);
	return bad;
}
