package main

import (
	"testing"

	faults "github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vslm"
)

// First class disks: flags, sizes, who has them, and what becomes of them with their virtual machine.
func TestFirstClassDisks(t *testing.T) {
	w := newWorld(t)
	m := vslm.NewObjectManager(w.client.Client)
	ds, err := w.finder.Datastore(w.ctx, "LocalDS_0")
	w.ok(err)
	vm, err := w.finder.VirtualMachine(w.ctx, "DC0_C0_RP0_VM0")
	w.ok(err)
	create := func(name string, keep *bool) string {
		task, err := m.CreateDisk(w.ctx, types.VslmCreateSpec{
			Name: name, CapacityInMB: 1024, KeepAfterDeleteVm: keep,
			BackingSpec: &types.VslmCreateSpecDiskFileBackingSpec{
				VslmCreateSpecBackingSpec: types.VslmCreateSpecBackingSpec{Datastore: ds.Reference()},
			},
		})
		w.ok(err)
		info, err := task.WaitForResult(w.ctx)
		w.ok(err)
		made := info.Result.(types.VStorageObject)
		return made.Config.Id.Id
	}
	get := func(id string) types.VStorageObjectConfigInfo {
		t.Helper()
		o, err := m.Retrieve(w.ctx, ds, id)
		w.ok(err)
		return o.Config
	}
	fails := func(is types.BaseMethodFault, err error) {
		t.Helper()
		if !faults.Is(err, is) {
			t.Errorf("expected %T: %v", is, err)
		}
	}
	disks := func() object.VirtualDeviceList {
		devices, err := vm.Device(w.ctx)
		w.ok(err)
		return devices.SelectByType((*types.VirtualDisk)(nil))
	}

	kept, lost := create("kept", nil), create("lost", bp(false))
	equal(w, *get(kept).KeepAfterDeleteVm, true)
	equal(w, *get(lost).KeepAfterDeleteVm, false)
	equal(w, get(kept).Backing.(*types.BaseConfigInfoDiskFileBackingInfo).ProvisioningType, "thin")
	w.ok(m.Rename(w.ctx, ds, kept, "renamed"))
	equal(w, get(kept).Name, "renamed")
	w.ok(w.wait(m.ExtendDisk(w.ctx, ds, kept, 2048)))
	equal(w, get(kept).CapacityInMB, int64(2048))
	fails(&types.InvalidArgument{}, w.wait(m.ExtendDisk(w.ctx, ds, kept, 1024)))
	fails(&types.NotFound{}, w.wait(m.Delete(w.ctx, ds, "no-disk")))

	info, err := m.CreateSnapshot(w.ctx, ds, kept, "first")
	w.ok(err)
	result, err := info.WaitForResult(w.ctx)
	w.ok(err)
	first := result.Result.(types.ID).Id
	snapshots := func() []types.VStorageObjectSnapshotInfoVStorageObjectSnapshot {
		t.Helper()
		all, err := m.RetrieveSnapshotInfo(w.ctx, ds, kept)
		w.ok(err)
		return all.Snapshots
	}
	equal(w, len(snapshots()), 1)
	equal(w, snapshots()[0].Description, "first")
	fails(&types.InvalidState{}, w.wait(m.ExtendDisk(w.ctx, ds, kept, 4096)))
	revert := func(snapshot string) error {
		res, err := methods.RevertVStorageObject_Task(w.ctx, w.client.Client, &types.RevertVStorageObject_Task{
			This: *w.client.ServiceContent.VStorageObjectManager, Id: types.ID{Id: kept}, Datastore: ds.Reference(), SnapshotId: types.ID{Id: snapshot},
		})
		if err != nil {
			return err
		}
		return object.NewTask(w.client.Client, res.Returnval).Wait(w.ctx)
	}
	w.ok(revert(first))
	fails(&types.NotFound{}, revert("none"))
	w.ok(vm.AttachDisk(w.ctx, kept, ds, 0, nil))
	fails(&types.InvalidState{}, revert(first))
	w.ok(vm.DetachDisk(w.ctx, kept))
	w.ok(w.wait(m.DeleteSnapshot(w.ctx, ds, kept, first)))
	fails(&types.NotFound{}, w.wait(m.DeleteSnapshot(w.ctx, ds, kept, first)))
	equal(w, len(snapshots()), 0)

	before := len(disks())
	w.ok(vm.AttachDisk(w.ctx, kept, ds, 0, nil))
	w.ok(vm.AttachDisk(w.ctx, lost, ds, 0, nil))
	equal(w, len(disks()), before+2)
	equal(w, len(get(kept).ConsumerId), 1)
	fails(&types.InvalidState{}, w.wait(m.Delete(w.ctx, ds, kept)))
	w.ok(vm.DetachDisk(w.ctx, kept))
	equal(w, len(disks()), before+1)
	equal(w, len(get(kept).ConsumerId), 0)

	w.ok(vm.AttachDisk(w.ctx, kept, ds, 0, nil))
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	w.ok(w.wait(vm.Destroy(w.ctx)))
	equal(w, len(get(kept).ConsumerId), 0)
	_, err = m.Retrieve(w.ctx, ds, lost)
	fails(&types.NotFound{}, err)
	w.ok(w.wait(m.Delete(w.ctx, ds, kept)))
	_, err = m.Retrieve(w.ctx, ds, kept)
	fails(&types.NotFound{}, err)
}
