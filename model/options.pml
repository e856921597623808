/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.pml - what one run of the checker is about
 *
 * Read once from the environment and the same in all states, so none of it is part
 * of a state, and one program serves every check.  model/checks has the values.
 */
c_decl {

	enum { AGENTS_MAX = 8 };
	static int opt_gates;		/* slotgate's protocol, else stock */
	static int opt_drop;		/* rule that is left out, 1 to 8 */
	static int opt_bridge;		/* resets take the upstream bridge's lock as well: 6.12 and later */
	static int opt_old;		/* reset_lock is kept while drivers are unbound: before 2023 */
	static int opt_native;		/* drives are bound to their own driver, else to vfio */
	static int opt_back;		/* DA is bound to xen-pciback */
	static int opt_igate;		/* vfio as before 6.12 */
	static int opt_vfs;		/* VA is there */
	static int opt_keep_vfs;	/* the driver leaves its virtual functions behind when it goes */
	static int opt_stubborn;	/* owners of DC never let go */
	static int opt_watch;		/* what must not happen, besides deadlock: WATCH_... */
	static int opt_any;		/* agents that are chosen freely besides those named */
	static char opt_except[64];	/* but not these */
	static int agents_count;
	static int agents[AGENTS_MAX];

	static int opt(const char *name)
	{
		const char *value = getenv(name);

		return value ? atoi(value) : 0;
	}

	static void options_read(void)
	{
		const char *given = getenv("AGENTS");
		char *list, *word;

		opt_gates = opt("GATES");
		opt_drop = opt("DROP");
		opt_bridge = opt("BRIDGE");
		opt_old = opt("OLD");
		opt_native = opt("NATIVE");
		opt_back = opt("BACK");
		opt_igate = opt("IGATE");
		opt_vfs = opt("VFS");
		opt_keep_vfs = opt("KEEP_VFS");
		opt_stubborn = opt("STUBBORN");
		opt_watch = opt("WATCH");
		opt_any = opt("ANY");
		memset(opt_except, 0, sizeof(opt_except));
		list = strdup(getenv("EXCEPT") ? getenv("EXCEPT") : "");
		for (word = strtok(list, " "); word; word = strtok(NULL, " "))
			opt_except[atoi(word) & 63] = 1;
		free(list);
		agents_count = 0;
		list = strdup(given ? given : "");
		for (word = strtok(list, " "); word && agents_count < AGENTS_MAX; word = strtok(NULL, " "))
			agents[agents_count++] = atoi(word);
		free(list);
	}
};

#define OPTION(name)	c_expr { opt_##name }
#define GATES		c_expr { opt_gates }
#define KEPT(rule)	c_expr { opt_drop != rule }

/* WATCH is a sum of these. */
#define WATCH_RULES	1	/* the rules R1 to R4 themselves, not only what they are for */
#define WATCH_OWNER	2	/* R6: no owner sees what the one before left */
#define WATCH_HOOK	4	/* R7: no hook of a driver that is gone */
#define WATCH_RESULT	8	/* R8: no new error */
#define WATCH_LIST	16	/* devices come and go under the rescan/remove lock only */
#define WATCH_ORPHAN	32	/* no virtual function without its physical function */
#define watches(what, condition)	assert(!(c_expr { opt_watch & what }) || (condition))
