package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestHostsPassDevicesThrough(t *testing.T) {
	w := newWorld(t)
	host, err := w.finder.HostSystem(w.ctx, "DC0_C0_H0")
	w.ok(err)
	pool, err := host.ResourcePool(w.ctx)
	w.ok(err)
	owner, err := pool.Owner(w.ctx)
	w.ok(err)
	var compute mo.ComputeResource
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, owner.Reference(), []string{"environmentBrowser"}, &compute))
	ref := host.Reference()
	r, err := methods.QueryConfigTarget(w.ctx, w.client.Client, &types.QueryConfigTarget{This: *compute.EnvironmentBrowser, Host: &ref})
	w.ok(err)
	found := map[string]string{}
	for _, p := range r.Returnval.PciPassthrough {
		info := p.GetVirtualMachinePciPassthroughInfo()
		found[info.PciDevice.Id] = info.SystemId
	}
	if len(found) < 2 || found["0000:00:0f.0"] != "system-"+ref.Value {
		t.Fatalf("passed through: %v", found)
	}
}

func TestDeviceGroupsAreWhole(t *testing.T) {
	w := newWorld(t)
	host, err := w.finder.HostSystem(w.ctx, "DC0_H0")
	w.ok(err)
	pool, err := host.ResourcePool(w.ctx)
	w.ok(err)
	task, err := w.folder("vm").CreateVM(w.ctx, vmSpec("g"), pool, host)
	w.ok(err)
	info, err := task.WaitForResultEx(w.ctx)
	w.ok(err)
	vm := object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference))
	name := "Nvidia:2@grid_v100-8q%NVLink"
	device := func(sequence int32) change {
		d := &types.VirtualPCIPassthrough{}
		d.Key = -100 - sequence
		d.Backing = &types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: "grid_v100-8q"}
		d.DeviceGroupInfo = &types.VirtualDeviceDeviceGroupInfo{GroupInstanceKey: -1, SequenceId: sequence}
		return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: d}
	}
	reconfigure := func(name string, changes ...change) error {
		spec := types.VirtualMachineConfigSpec{DeviceChange: changes, DeviceGroups: &types.VirtualMachineVirtualDeviceGroups{}}
		if name != "" {
			g := &types.VirtualMachineVirtualDeviceGroupsVendorDeviceGroup{DeviceGroupName: name}
			g.GroupInstanceKey = -1
			spec.DeviceGroups.DeviceGroup = append(spec.DeviceGroups.DeviceGroup, g)
		}
		return w.wait(vm.Reconfigure(w.ctx, spec))
	}
	fails[types.InvalidArgument](w, reconfigure(name, device(1)))
	fails[types.InvalidArgument](w, reconfigure("no such group", device(1), device(2)))
	w.ok(reconfigure(name, device(1), device(2)))
	m := w.read(vm)
	equal(w, len(m.Config.DeviceGroups.DeviceGroup), 1)
	var remove []change
	for _, d := range m.Config.Hardware.Device {
		if info := d.GetVirtualDevice().DeviceGroupInfo; info != nil {
			equal(w, info.GroupInstanceKey, int32(0))
			remove = append(remove, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: d})
		}
	}
	equal(w, len(remove), 2)
	fails[types.InvalidArgument](w, reconfigure("", remove[0]))
	w.ok(reconfigure("", remove...))
	equal(w, len(w.read(vm).Config.DeviceGroups.DeviceGroup), 0)
}
