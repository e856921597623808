/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.pml - devices, slots and their drivers
 */
#define NO_DRIVER	0
#define NATIVE		1	/* the drive's own driver; for ports, portdrv */
#define VFIO		2
#define PCIBACK		3

bool present[DEVICES];		/* found and not removed */
byte driver[DEVICES];
bool asked[DEVICES];		/* its driver is on its way out: no new owner */
bool opened[DEVICES];		/* by an owner, through vfio */
bool dirty[DEVICES];		/* holds what its last owner left */

#define NOTHING		0
#define OFF		1	/* somebody wrote 0 to the slot's power file, or pressed its button */
#define GONE		2	/* surprise removal */
#define FOUND		3	/* a device is there */
#define FLAP		4	/* gone, and there again */

bool hotplug[SLOTS];		/* pciehp is bound to the port */
byte request[SLOTS];		/* event that the interrupt thread has to handle */
bool handling[SLOTS];		/* the interrupt thread is at it */
bool hook_used[SLOTS];		/* the core has picked the reset hook and not come back */
bool recovering[SLOTS];		/* error recovery below the port, by its AER interrupt thread */

/* What a reset returns. */
#define DONE		0
#define ENOTTY		1
#define EAGAIN		2
#define ENODEV		3

/*
 * Locals of every agent.  A task's "me" is the slot whose handler it is, plus 1;
 * "in_reset" the slot whose gate it entered for a reset, plus 1.
 */
#define LOCALS			\
	byte held;		\
	byte me;		\
	byte in_reset;		\
	bool in_topology;	\
	bool has_lock;		\
	bool releasing;		\
	bool tried;		\
	bool ok, entered;	\
	byte x;		\
	byte ret

#define slot_is(s, x)	((s) == (x))
#define below(d, p)	((((d) == DA || (d) == VA) && (p) == PA) || \
			 (((d) == PC || (d) == DC) && (p) == PB) || ((d) == DC && (p) == PC))

/* Is device d the device r, or below it? */
#define within(d, r)	((d) == (r) || below(d, r))

/*
 * Numbers of devices grow towards the leaves, so going down from DEVICES meets what
 * is below a port before the port.  The next one before x that is present and within
 * root, but not root itself where only what is below counts.
 */
#define NONE	255

inline next_within(x, root, below_only)
{
	d_step {
		do
		:: x == 0 -> x = NONE; break
		:: else ->
			x--;
			if
			:: present[x] && within(x, root) && !(below_only && x == root) -> break
			:: else
			fi
		od
	}
}

/* Where a task ends that waits for an owner who never lets go: that is no deadlock. */
#define STUCK	end_stuck: false
