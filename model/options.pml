/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.pml - what one run of the checker is about
 *
 * Read once from the environment and the same in all states, so none of it is part
 * of a state, and one program serves every check.  model/checks has the values.
 */

c_decl {

	enum { OPTIONS = 9, SET_MAX = 8 };
	static const char *const option_names[OPTIONS] = {
		"BRIDGE", "OLD", "NATIVE", "BACK", "IGATE", "VFS", "KEEP_VFS", "STUBBORN", "POLL"
	};
	static int option_values[OPTIONS];
	int options_asked;	/* a bit for each that mattered so far */
	static int opt_drop;		/* rule that is left out, 1 to 8 */
	static int opt_watch;		/* what must not happen, besides deadlock: WATCH_... */
	static int agents_count;
	static int agents[SET_MAX];

	static int option(int n)
	{
		options_asked |= 1 << n;
		return option_values[n];
	}

	int option_bit(const char *name)
	{
		int n;

		for (n = 0; n < OPTIONS; n++)
			if (!strcmp(option_names[n], name))
				return 1 << n;
		return 0;
	}

	/*
	 * What of the machine and the kernel may differ; asking is noted, see sweep.c.  The
	 * compiler, not the preprocessor of Spin, is to see a call here.
	 */
	\#define opt_bridge	option(0)	/* resets take the upstream bridge's lock as well: 6.12 and later */
	\#define opt_old		option(1)	/* reset_lock is kept while drivers are unbound: before 2023 */
	\#define opt_native	option(2)	/* drives are bound to their own driver, else to vfio */
	\#define opt_back	option(3)	/* drives are bound to xen-pciback */
	\#define opt_igate	option(4)	/* vfio as before 6.12 */
	\#define opt_vfs		option(5)	/* VA is there, bound to vfio */
	\#define opt_keep_vfs	option(6)	/* the driver leaves its virtual functions behind when it goes */
	\#define opt_stubborn	option(7)	/* owners of DC never let go */
	\#define opt_poll	option(8)	/* who comes back by the clock comes back at any time */

	static int opt(const char *name)
	{
		const char *value = getenv(name);

		return value ? atoi(value) : 0;
	}

	static void options_read(void)
	{
		const char *given = getenv("AGENTS");
		char *list, *word;
		int n;

		for (n = 0; n < OPTIONS; n++)
			option_values[n] = opt(option_names[n]);
		opt_drop = opt("DROP");
		opt_watch = opt("WATCH");
		agents_count = 0;
		list = strdup(given ? given : "");
		for (word = strtok(list, " "); word && agents_count < SET_MAX; word = strtok(NULL, " "))
			agents[agents_count++] = atoi(word);
		free(list);
	}
};

#define OPTION(name)	c_expr { opt_##name }

/* The protocol is chosen when the checker is made; steps that only one of the two has. */
#ifdef STOCK
#define GATES		false
#define gates(steps)
#define stock(steps)	steps
#else
#define GATES		true
#define gates(steps)	steps
#define stock(steps)
#endif
#define KEPT(rule)	c_expr { opt_drop != rule }

/* WATCH is a sum of these. */
#define WATCH_RULES	1	/* the rules R1 to R4 themselves, not only what they are for */
#define WATCH_OWNER	2	/* R6: no owner sees what the one before left */
#define WATCH_HOOK	4	/* R7: no hook of a driver that is gone */
#define WATCH_RESULT	8	/* R8: no new error */
#define WATCH_LIST	16	/* devices come and go under the rescan/remove lock only */
#define WATCH_ORPHAN	32	/* no virtual function without its physical function */
#define watches(what, condition)	assert(!(c_expr { opt_watch & what }) || (condition))
