package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// nvlinkProfile is the profile of which the host with a graphics card offers two in a group.
const nvlinkProfile = "grid_v100-8q"

// vendorGroups are the device groups that a host offers.
func vendorGroups(h *simulator.HostSystem) []types.VirtualMachineVendorDeviceGroupInfo {
	if h == nil || h.Config == nil || !slices.Contains(h.Config.SharedPassthruGpuTypes, nvlinkProfile) {
		return nil
	}
	group := types.VirtualMachineVendorDeviceGroupInfo{
		VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: "Nvidia:2@" + nvlinkProfile + "%NVLink"},
		DeviceGroupName:          "Nvidia:2@" + nvlinkProfile + "%NVLink",
		DeviceGroupDescription:   "Two vGPUs that are connected by NVLink",
	}
	for sequence := range int32(2) {
		device := &types.VirtualPCIPassthrough{}
		device.Key = -1 - sequence
		device.Backing = &types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: nvlinkProfile}
		device.DeviceGroupInfo = &types.VirtualDeviceDeviceGroupInfo{SequenceId: sequence + 1}
		group.ComponentDeviceInfo = append(group.ComponentDeviceInfo, types.VirtualMachineVendorDeviceGroupInfoComponentDeviceInfo{
			Type: string(types.VirtualMachineVendorDeviceGroupInfoComponentDeviceInfoComponentTypeNvidiaVgpu), VendorName: "Nvidia", DeviceName: nvlinkProfile, Device: device,
		})
	}
	return []types.VirtualMachineVendorDeviceGroupInfo{group}
}

// prepareGroups checks the device groups of a specification: a new group is known to the host and comes with all its
// devices, and one that is no longer listed goes with all of them. A device of a group does not come or go alone.
func prepareGroups(p *prepared, cur *types.VirtualMachineConfigInfo, spec *types.VirtualMachineConfigSpec, host *simulator.HostSystem) types.BaseMethodFault {
	wrong := invalidArgument("configSpec.deviceGroups")
	groupOf := func(d types.BaseVirtualDevice) (key, sequence int32) {
		if info := d.GetVirtualDevice().DeviceGroupInfo; info != nil {
			return info.GroupInstanceKey, info.SequenceId
		}
		return -1, 0
	}
	added, removed := map[int32][]int32{}, map[int32]int{}
	for _, c := range spec.DeviceChange {
		s := c.GetVirtualDeviceConfigSpec()
		switch s.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
			if key, sequence := groupOf(s.Device); sequence > 0 {
				added[key] = append(added[key], sequence)
			}
		case types.VirtualDeviceConfigSpecOperationRemove:
			for _, d := range cur.Hardware.Device {
				if d.GetVirtualDevice().Key == s.Device.GetVirtualDevice().Key {
					if key, sequence := groupOf(d); sequence > 0 {
						removed[key]++
					}
				}
			}
		}
	}
	var before []types.BaseVirtualMachineVirtualDeviceGroupsDeviceGroup
	if cur.DeviceGroups != nil {
		before = cur.DeviceGroups.DeviceGroup
	}
	if spec.DeviceGroups == nil {
		if len(added) > 0 || len(removed) > 0 {
			return wrong
		}
		return nil
	}
	after := &types.VirtualMachineVirtualDeviceGroups{}
	var next int32
	for _, g := range before {
		next = max(next, g.GetVirtualMachineVirtualDeviceGroupsDeviceGroup().GroupInstanceKey+1)
	}
	for _, g := range spec.DeviceGroups.DeviceGroup {
		vendor, ok := g.(*types.VirtualMachineVirtualDeviceGroupsVendorDeviceGroup)
		if !ok {
			return wrong
		}
		if vendor.GroupInstanceKey >= 0 { // one that is there
			if removed[vendor.GroupInstanceKey] > 0 || !slices.ContainsFunc(before, func(b types.BaseVirtualMachineVirtualDeviceGroupsDeviceGroup) bool {
				return b.GetVirtualMachineVirtualDeviceGroupsDeviceGroup().GroupInstanceKey == vendor.GroupInstanceKey
			}) {
				return wrong
			}
			after.DeviceGroup = append(after.DeviceGroup, vendor)
			continue
		}
		all := vendorGroups(host)
		i := slices.IndexFunc(all, func(o types.VirtualMachineVendorDeviceGroupInfo) bool {
			return o.DeviceGroupName == vendor.DeviceGroupName
		})
		if i < 0 || len(added[vendor.GroupInstanceKey]) != len(all[i].ComponentDeviceInfo) {
			return wrong
		}
		for _, c := range spec.DeviceChange {
			if s := c.GetVirtualDeviceConfigSpec(); s.Operation == types.VirtualDeviceConfigSpecOperationAdd {
				if key, sequence := groupOf(s.Device); sequence > 0 && key == vendor.GroupInstanceKey {
					s.Device.GetVirtualDevice().DeviceGroupInfo = &types.VirtualDeviceDeviceGroupInfo{GroupInstanceKey: next, SequenceId: sequence}
				}
			}
		}
		made := *vendor
		made.GroupInstanceKey = next
		next++
		after.DeviceGroup = append(after.DeviceGroup, &made)
	}
	for _, b := range before {
		key := b.GetVirtualMachineVirtualDeviceGroupsDeviceGroup().GroupInstanceKey
		stays := slices.ContainsFunc(after.DeviceGroup, func(a types.BaseVirtualMachineVirtualDeviceGroupsDeviceGroup) bool {
			return a.GetVirtualMachineVirtualDeviceGroupsDeviceGroup().GroupInstanceKey == key
		})
		devices := 0
		for _, d := range cur.Hardware.Device {
			if k, sequence := groupOf(d); sequence > 0 && k == key {
				devices++
			}
		}
		if !stays && removed[key] != devices {
			return wrong
		}
	}
	p.after = append(p.after, func(vm *simulator.VirtualMachine) { vm.Config.DeviceGroups = after })
	return nil
}
