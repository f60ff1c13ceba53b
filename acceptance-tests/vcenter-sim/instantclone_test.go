package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

func TestInstantClone(t *testing.T) {
	w := twoStores(t)
	src := w.create(vmSpec("a"))
	clone := func(spec types.VirtualMachineInstantCloneSpec) (*object.VirtualMachine, error) {
		task, err := src.InstantClone(w.ctx, spec)
		w.ok(err)
		info, err := task.WaitForResult(w.ctx)
		if err != nil {
			return nil, err
		}
		return object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference)), nil
	}
	_, err := clone(types.VirtualMachineInstantCloneSpec{Name: "off"})
	fails[types.InvalidPowerState](w, err)

	w.ok(w.wait(src.PowerOn(w.ctx)))
	before := w.read(src)
	bios := "4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47"
	folder := w.folder("vm").Reference()
	vm, err := clone(types.VirtualMachineInstantCloneSpec{
		Name: "b", BiosUuid: bios, Location: types.VirtualMachineRelocateSpec{Folder: &folder},
		Config: []types.BaseOptionValue{&types.OptionValue{Key: "guestinfo.ip", Value: "192.0.2.7"}},
	})
	w.ok(err)
	m := w.read(vm)
	equal(w, []any{m.Runtime.PowerState, *m.Runtime.Host, m.Config.Uuid}, []any{types.VirtualMachinePowerStatePoweredOn, *before.Runtime.Host, bios})
	if nics(m)[0] == nics(before)[0] || m.Config.InstanceUuid == before.Config.InstanceUuid {
		t.Fatal("the identity of the source")
	}
	disk := w.disks(vm)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	equal(w, []string{disk.FileName, disk.Parent.FileName}, []string{"[LocalDS_0] b/b.vmdk", "[LocalDS_0] a/a.vmdk"})
	equal(w, file(w.disks(src)[0]), "[LocalDS_0] a/a-000001.vmdk")
	equal(w, object.OptionValueList(m.Config.ExtraConfig).Map()["guestinfo.ip"], any("192.0.2.7"))

	for name, location := range map[string]types.VirtualMachineRelocateSpec{
		"host": {Host: before.Runtime.Host},
		"disk": {DiskMoveType: "moveAllDiskBackingsAndAllowSharing"},
		"add":  {DeviceChange: []change{newCard("VM Network")}},
	} {
		if _, err := clone(types.VirtualMachineInstantCloneSpec{Name: name, Location: location}); err == nil {
			t.Fatalf("%s is supported", name)
		}
	}
}
