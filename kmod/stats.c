// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters in sysfs
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "gate.h"

static struct kobject *sg_kobj;
static struct kobject sg_topo_kobj;
struct kobject *sg_slots_kobj;
struct sg_stats sg_topo_stats;

#define SG_STAT_FILE(stat, file) \
	[stat] = { .name = file, .mode = 0444 }

static struct attribute sg_stat_files[SG_NSTATS] = {
	SG_STAT_FILE(SG_EVENTS, "events"),
	SG_STAT_FILE(SG_RESETS, "resets"),
	SG_STAT_FILE(SG_REFUSED, "refused"),
	SG_STAT_FILE(SG_WAITED, "waited"),
	SG_STAT_FILE(SG_DEFERRED, "deferred"),
	SG_STAT_FILE(SG_PAID, "paid"),
	SG_STAT_FILE(SG_REMOVALS, "removals"),
	SG_STAT_FILE(SG_UNBOUND_EARLY, "unbound_early"),
	SG_STAT_FILE(SG_LEFT, "left"),
	SG_STAT_FILE(SG_LONGEST_WAIT, "longest_wait_ms"),
	SG_STAT_FILE(SG_BUSY, "busy_ms"),
};

static struct attribute *sg_gate_attrs[] = {
	&sg_stat_files[SG_EVENTS],
	&sg_stat_files[SG_RESETS],
	&sg_stat_files[SG_REFUSED],
	&sg_stat_files[SG_WAITED],
	&sg_stat_files[SG_DEFERRED],
	&sg_stat_files[SG_PAID],
	&sg_stat_files[SG_REMOVALS],
	&sg_stat_files[SG_UNBOUND_EARLY],
	&sg_stat_files[SG_LEFT],
	&sg_stat_files[SG_LONGEST_WAIT],
	&sg_stat_files[SG_BUSY],
	NULL,
};
ATTRIBUTE_GROUPS(sg_gate);

static struct attribute *sg_topo_attrs[] = {
	&sg_stat_files[SG_WAITED],
	&sg_stat_files[SG_LEFT],
	&sg_stat_files[SG_UNBOUND_EARLY],
	&sg_stat_files[SG_LONGEST_WAIT],
	NULL,
};
ATTRIBUTE_GROUPS(sg_topo);

static struct sg_stats *stats_of(struct kobject *kobj)
{
	if (kobj == &sg_topo_kobj)
		return &sg_topo_stats;
	return &container_of(kobj, struct sg_gate, kobj)->stats;
}

/* A removal whose owner does not let go shows as a handler that stays. */
static unsigned long busy_ms(struct kobject *kobj)
{
	const struct sg_gate *gate = container_of(kobj, struct sg_gate, kobj);

	return gate->handler ? ktime_ms_delta(ktime_get(), gate->busy_since) : 0;
}

static ssize_t stat_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	enum sg_stat stat = attr - sg_stat_files;
	unsigned long value;

	spin_lock(&sg_lock);
	value = stat == SG_BUSY ? busy_ms(kobj) : stats_of(kobj)->value[stat];
	spin_unlock(&sg_lock);

	return sysfs_emit(buf, "%lu\n", value);
}

static const struct sysfs_ops stat_ops = {
	.show = stat_show,
};

static void gate_release(struct kobject *kobj)
{
	struct sg_gate *gate = container_of(kobj, struct sg_gate, kobj);

	put_device(&gate->bus->dev);
	kfree(gate);
}

struct kobj_type sg_gate_ktype = {
	.sysfs_ops = &stat_ops,
	.release = gate_release,
	.default_groups = sg_gate_groups,
};

/* sg_topo_kobj is static: nothing to free. */
static void topo_release(struct kobject *kobj)
{
}

static struct kobj_type sg_topo_ktype = {
	.sysfs_ops = &stat_ops,
	.release = topo_release,
	.default_groups = sg_topo_groups,
};

static struct sg_stats *stats_for(struct sg_gate *gate)
{
	return gate ? &gate->stats : &sg_topo_stats;
}

/**
 * sg_count - count one @stat
 * @gate: for this slot; NULL: for the topology gate, or a device without slot
 * @stat: what to count
 */
void sg_count(struct sg_gate *gate, enum sg_stat stat)
{
	spin_lock(&sg_lock);
	stats_for(gate)->value[stat]++;
	spin_unlock(&sg_lock);
}

/**
 * sg_count_wait - count a wait that just ended
 * @gate: as for sg_count()
 * @since: when the wait began
 */
void sg_count_wait(struct sg_gate *gate, ktime_t since)
{
	unsigned long ms = ktime_ms_delta(ktime_get(), since);
	struct sg_stats *stats = stats_for(gate);

	spin_lock(&sg_lock);
	stats->value[SG_WAITED]++;
	if (ms > stats->value[SG_LONGEST_WAIT])
		stats->value[SG_LONGEST_WAIT] = ms;
	spin_unlock(&sg_lock);
}

int sg_stats_init(void)
{
	int ret = -ENOMEM;

	sg_kobj = kobject_create_and_add("slotgate", kernel_kobj);
	if (!sg_kobj)
		return ret;

	sg_slots_kobj = kobject_create_and_add("slots", sg_kobj);
	if (!sg_slots_kobj)
		goto put_root;

	ret = kobject_init_and_add(&sg_topo_kobj, &sg_topo_ktype, sg_kobj,
				   "topology");
	if (ret)
		goto put_topo;
	return 0;

put_topo:
	kobject_put(&sg_topo_kobj);
	kobject_put(sg_slots_kobj);
put_root:
	kobject_put(sg_kobj);
	return ret;
}

void sg_stats_exit(void)
{
	kobject_put(&sg_topo_kobj);
	kobject_put(sg_slots_kobj);
	kobject_put(sg_kobj);
}
