// SPDX-License-Identifier: GPL-2.0-only
/*
 * list.c - all scenarios, in the order of the scoreboard
 */
#include <string.h>

#include <slotgate/scenario.h>

extern const struct sg_scenario sg_scenario_abba_2020;
extern const struct sg_scenario sg_scenario_vfio_close;
extern const struct sg_scenario sg_scenario_vfio_close_any;
extern const struct sg_scenario sg_scenario_vfio_close_any_error;
extern const struct sg_scenario sg_scenario_nested_ports;
extern const struct sg_scenario sg_scenario_rescan_remove;
extern const struct sg_scenario sg_scenario_numvfs_remove;
extern const struct sg_scenario sg_scenario_orphan_vfs;
extern const struct sg_scenario sg_scenario_numvfs_read;
extern const struct sg_scenario sg_scenario_reset_unbind_3;
extern const struct sg_scenario sg_scenario_reset_added;
extern const struct sg_scenario sg_scenario_reset_hook_unbind;
extern const struct sg_scenario sg_scenario_pf_unbind;
extern const struct sg_scenario sg_scenario_slot_mutex;
extern const struct sg_scenario sg_scenario_slot_mutex_write;
extern const struct sg_scenario sg_scenario_slot_mutex_device;
extern const struct sg_scenario sg_scenario_aer_sriov;
extern const struct sg_scenario sg_scenario_aer_unbind;
extern const struct sg_scenario sg_scenario_aer_unbind_alone;
extern const struct sg_scenario sg_scenario_vfio_freeze;
extern const struct sg_scenario sg_scenario_port_wedge;
extern const struct sg_scenario sg_scenario_vfio_igate;
extern const struct sg_scenario sg_scenario_absent_reset;
extern const struct sg_scenario sg_scenario_absent_reset_write;
extern const struct sg_scenario sg_scenario_remove_freed;
extern const struct sg_scenario sg_scenario_nvme_pull;
extern const struct sg_scenario sg_scenario_xen_detach_vpci;
extern const struct sg_scenario sg_scenario_xen_detach_passthrough;
extern const struct sg_scenario sg_scenario_xen_close_vpci;
extern const struct sg_scenario sg_scenario_xen_close_passthrough;
extern const struct sg_scenario sg_scenario_xen_unbind_vpci;
extern const struct sg_scenario sg_scenario_xen_unbind_passthrough;
extern const struct sg_scenario sg_scenario_xen_surprise_vpci;
extern const struct sg_scenario sg_scenario_xen_surprise_passthrough;
extern const struct sg_scenario sg_scenario_xen_owed;
extern const struct sg_scenario sg_scenario_xen_owed_guest;
extern const struct sg_scenario sg_scenario_xen_guest;
extern const struct sg_scenario sg_scenario_second_owner;
extern const struct sg_scenario sg_scenario_recovery;
extern const struct sg_scenario sg_scenario_recovery_removed;
extern const struct sg_scenario sg_scenario_real_owners;
extern const struct sg_scenario sg_scenario_slow_owners;
extern const struct sg_scenario sg_scenario_reload;
extern const struct sg_scenario sg_scenario_refusals;
extern const struct sg_scenario sg_scenario_storm_command;

const struct sg_scenario *const sg_scenarios[] = {
	&sg_scenario_abba_2020,
	&sg_scenario_vfio_close,
	&sg_scenario_vfio_close_any,
	&sg_scenario_vfio_close_any_error,
	&sg_scenario_nested_ports,
	&sg_scenario_rescan_remove,
	&sg_scenario_numvfs_remove,
	&sg_scenario_orphan_vfs,
	&sg_scenario_numvfs_read,
	&sg_scenario_reset_unbind_3,
	&sg_scenario_reset_added,
	&sg_scenario_reset_hook_unbind,
	&sg_scenario_pf_unbind,
	&sg_scenario_slot_mutex,
	&sg_scenario_slot_mutex_write,
	&sg_scenario_slot_mutex_device,
	&sg_scenario_aer_sriov,
	&sg_scenario_aer_unbind,
	&sg_scenario_aer_unbind_alone,
	&sg_scenario_vfio_freeze,
	&sg_scenario_port_wedge,
	&sg_scenario_vfio_igate,
	&sg_scenario_absent_reset,
	&sg_scenario_absent_reset_write,
	&sg_scenario_remove_freed,
	&sg_scenario_nvme_pull,
	&sg_scenario_xen_detach_vpci,
	&sg_scenario_xen_detach_passthrough,
	&sg_scenario_xen_close_vpci,
	&sg_scenario_xen_close_passthrough,
	&sg_scenario_xen_unbind_vpci,
	&sg_scenario_xen_unbind_passthrough,
	&sg_scenario_xen_surprise_vpci,
	&sg_scenario_xen_surprise_passthrough,
	&sg_scenario_xen_owed,
	&sg_scenario_xen_owed_guest,
	&sg_scenario_xen_guest,
	&sg_scenario_second_owner,
	&sg_scenario_recovery,
	&sg_scenario_recovery_removed,
	&sg_scenario_real_owners,
	&sg_scenario_slow_owners,
	&sg_scenario_reload,
	&sg_scenario_refusals,
	&sg_scenario_storm_command,
	NULL
};

const struct sg_scenario *sg_scenario_find(const char *name)
{
	for (size_t i = 0; sg_scenarios[i]; i++)
		if (!strcmp(sg_scenarios[i]->name, name))
			return sg_scenarios[i];
	return NULL;
}
