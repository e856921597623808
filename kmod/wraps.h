/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that slotgate wraps, one line each
 *
 * W(name, signature).  The signature is what the kernel's BTF must say of the
 * function, else the module refuses to load.  It reads "result:arguments":
 * v is void, 1 2 4 8 an integer, enum or bool of that many bytes, p a pointer,
 * followed by <tag> when it points to a struct.
 *
 * Where kernel lines differ it has several forms, "this|that".  A form "-"
 * says that a kernel may do without the function.  tools/layout.c looks which
 * one the kernel has and writes to layout_generated.h: SG_HAVE_name is the
 * number of the form, from 1 on, or 0 without function; SG_SIGNATURE_name is
 * its text.  The module refuses to load into a kernel that has another one.
 *
 * Both the module (kmod/main.c, kmod/layout.c) and the build-time check
 * (tools/layout.c) are made from these lists.
 */
#ifndef SLOTGATE_WRAPS_H
#define SLOTGATE_WRAPS_H

#define SG_WRAPS_VMLINUX(W)						\
	/* slots come and go */						\
	W(__pci_hp_initialize, "4:p<hotplug_slot>p<pci_bus>4pp<module>p")	\
	W(pci_hp_destroy, "v:p<hotplug_slot>")				\
	W(pci_probe_reset_slot, "4:p<pci_slot>")			\
	/* there since v5.15 (d88f521da3ef) */				\
	W(reset_method_store, "8:p<device>p<device_attribute>p8|-")	\
	/* slot events */						\
	W(pciehp_ist, "4:4p")						\
	W(pciehp_configure_device, "4:p<controller>")			\
	W(pciehp_unconfigure_device, "v:p<controller>1")		\
	W(pciehp_remove, "v:p<pcie_device>")				\
	W(pci_bus_add_devices, "v:p<pci_bus>")				\
	/* resets */							\
	/* its "probe" is a bool since v5.15 (9bdc81ce440e) */		\
	W(pciehp_reset_slot, "4:p<hotplug_slot>1|4:p<hotplug_slot>4")	\
	W(pci_reset_function, "4:p<pci_dev>")				\
	W(pci_try_reset_function, "4:p<pci_dev>")			\
	W(pci_reset_function_locked, "4:p<pci_dev>")			\
	W(__pci_reset_function_locked, "4:p<pci_dev>")			\
	W(pci_reset_bus, "4:p<pci_dev>")				\
	W(pci_dev_wait, "4:p<pci_dev>p4")				\
	/* error recovery */						\
	W(pcie_do_recovery, "4:p<pci_dev>4p")				\
	W(pci_walk_bus, "v:p<pci_bus>pp")				\
	W(pci_bus_error_reset, "4:p<pci_dev>")				\
	W(pcie_portdrv_remove, "v:p<pci_dev>")				\
	/* 5.10 and 6.1 shut a port down by removing it */		\
	W(pcie_portdrv_shutdown, "-|v:p<pci_dev>")			\
	/* 5.10 has no such file */					\
	W(reset_subordinate_store, "-|8:p<device>p<device_attribute>p8") \
	/* the topology of the whole machine */				\
	W(pci_lock_rescan_remove, "v:")					\
	W(pci_unlock_rescan_remove, "v:")				\
	W(pci_stop_and_remove_bus_device, "v:p<pci_dev>")		\
	W(pci_stop_and_remove_bus_device_locked, "v:p<pci_dev>")	\
	W(pci_stop_root_bus, "v:p<pci_bus>")				\
	W(dev_rescan_store, "8:p<device>p<device_attribute>p8")		\
	W(bus_rescan_store, "8:p<device>p<device_attribute>p8")		\
	/* virtual functions come and go */				\
	W(sriov_numvfs_store, "8:p<device>p<device_attribute>p8")	\
	W(sriov_numvfs_show, "8:p<device>p<device_attribute>p")		\
	W(sriov_enable, "4:p<pci_dev>4")				\
	W(sriov_disable, "v:p<pci_dev>")				\
	/* the next owner of a device */				\
	W(pci_device_probe, "4:p<device>")

/* Their BTF is that of the module, not of vmlinux: not checked. */
#define SG_WRAPS_VFIO_PCI_CORE(W)					\
	W(vfio_pci_core_disable, "v:p<vfio_pci_core_device>")

/* The same before v5.15: a private structure, and no BTF of modules. */
#define SG_WRAPS_VFIO_PCI(W)						\
	W(vfio_pci_disable, "v:p<vfio_pci_device>")

/* What tells which device that is about; wrapped only there. */
#define SG_WRAPS_VMLINUX_VFIO_PCI(W)					\
	W(pci_clear_master, "v:p<pci_dev>")

/*
 * W(name, function, position): xen-pciback keeps two of some static functions,
 * one for each way to show drives to a guest, told apart by where they stand
 * among those of that name.  0: there is but one.
 */
#define SG_WRAPS_XEN(W)							\
	W(pcistub_get_pci_dev_by_slot, pcistub_get_pci_dev_by_slot, 0)	\
	W(pcistub_put_pci_dev, pcistub_put_pci_dev, 0)			\
	W(pcistub_device_release, pcistub_device_release, 0)		\
	W(pcistub_init_device, pcistub_init_device, 0)			\
	W(xen_get_device_1, __xen_pcibk_get_pci_dev, 1)			\
	W(xen_get_device_2, __xen_pcibk_get_pci_dev, 2)			\
	W(xen_release_device_1, __xen_pcibk_release_pci_dev, 1)		\
	W(xen_release_device_2, __xen_pcibk_release_pci_dev, 2)		\
	W(xen_release_devices_1, __xen_pcibk_release_devices, 1)	\
	W(xen_release_devices_2, __xen_pcibk_release_devices, 2)

/*
 * W(struct, member): members of private structures that the module reaches
 * into.  Offsets come from the target kernel's BTF when the module is built
 * and are compared with the running kernel's when it is loaded.
 */
#define SG_LAYOUT(W)							\
	W(controller, pcie)						\
	W(controller, hotplug_slot)					\
	W(controller, reset_lock)					\
	W(controller, depth)						\
	W(pcie_device, port)

/*
 * W(struct, member): members that some kernels have.  layout_generated.h has
 * SG_HAVE_struct_member as 1 or 0, for compat.h.
 */
#define SG_MEMBERS_MAYBE(W)						\
	W(pci_dev, match_driver)

#endif
