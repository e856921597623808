/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * locks.pml - mutexes, reader/writer semaphores, files in use, events waited for
 *
 * Every step that may wait first says what it asks for, then that it has it; the
 * lines are printed only when a schedule is played back (schedule.awk reads them).
 * A task that does not have to wait does both in one step.
 *
 * "held" counts the PCI and device locks that the task has: a local of every agent.
 */
bool locked[MUTEXES];

/* Few locks have readers: numbered for themselves. */
#define sem_of(thing)	((thing) - RESET_LOCK)

byte readers[SEMS];
bool writer[SEMS];
byte writers_waiting[SEMS];

/* sysfs: who is inside a file, and whether it is gone */
#define file_of(thing)	((thing) - RESCAN)
byte inside_file[FILES];
bool file_gone[FILES];

#define say(what, thing)	printf(what, _pid, thing)
#define asks(thing)	say("@ %d asks %d\n", thing)
#define takes(thing)	say("@ %d takes %d\n", thing)
#define gives(thing)	say("@ %d gives %d\n", thing)
#define misses(thing)	say("@ %d misses %d\n", thing)

/* Waiting for something that is no lock. */
inline await(thing, condition)
{
	atomic {
		asks(thing);
		(condition) -> say("@ %d gets %d\n", thing)
	}
}

inline mutex_lock(thing)
{
	atomic {
		asks(thing);
		!locked[thing] -> locked[thing] = true;
		held++;
		takes(thing)
	}
}

inline mutex_trylock(thing, result)
{
	atomic {
		if
		:: !locked[thing] ->
			locked[thing] = true;
			held++;
			result = true;
			takes(thing)
		:: else ->
			result = false;
			misses(thing)
		fi
	}
}

inline mutex_unlock(thing)
{
	atomic {
		locked[thing] = false;
		held--;
		gives(thing)
	}
}

/* A waiting writer goes before readers that come later. */
inline down_read(thing)
{
	atomic {
		asks(thing);
		(!writer[sem_of(thing)] && !writers_waiting[sem_of(thing)]) ->
		readers[sem_of(thing)]++;
		held++;
		takes(thing)
	}
}

inline up_read(thing)
{
	atomic {
		readers[sem_of(thing)]--;
		held--;
		gives(thing)
	}
}

#define sem_free(thing)	(!writer[sem_of(thing)] && !readers[sem_of(thing)])

inline down_write(thing)
{
	atomic {
		asks(thing);
		writers_waiting[sem_of(thing)]++;
		sem_free(thing) ->
		writers_waiting[sem_of(thing)]--;
		writer[sem_of(thing)] = true;
		held++;
		takes(thing)
	}
}

inline up_write(thing)
{
	atomic {
		writer[sem_of(thing)] = false;
		held--;
		gives(thing)
	}
}

/* kernfs_get_active(): no way in once the file is being removed */
inline file_enter(thing, result)
{
	atomic {
		if
		:: !file_gone[file_of(thing)] ->
			inside_file[file_of(thing)]++;
			result = true;
			takes(thing)
		:: else ->
			result = false;
			misses(thing)
		fi
	}
}

inline file_leave(thing)
{
	atomic {
		inside_file[file_of(thing)]--;
		gives(thing)
	}
}

/* kernfs_drain() */
inline file_remove(thing)
{
	atomic {
		file_gone[file_of(thing)] = true;
		asks(thing);
		!inside_file[file_of(thing)] -> say("@ %d gets %d\n", thing)
	}
}
