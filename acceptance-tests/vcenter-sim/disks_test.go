package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// Disks without a virtual machine: their size and provisioning are reported, they grow and do not shrink, and a virtual machine
// that is on locks them.
func TestVirtualDisks(t *testing.T) {
	w := newWorld(t)
	m := object.NewVirtualDiskManager(w.client.Client)
	dc, err := w.finder.DefaultDatacenter(w.ctx)
	w.ok(err)
	ds, err := w.finder.Datastore(w.ctx, "LocalDS_0")
	w.ok(err)
	b, err := ds.Browser(w.ctx)
	w.ok(err)
	find := func(folder, name string) []types.BaseFileInfo {
		spec := types.HostDatastoreBrowserSearchSpec{
			Query:        []types.BaseFileQuery{&types.VmDiskFileQuery{}},
			Details:      &types.FileQueryFlags{FileType: true},
			MatchPattern: []string{name},
		}
		task, err := b.SearchDatastore(w.ctx, ds.Path(folder), &spec)
		w.ok(err)
		info, err := task.WaitForResult(w.ctx)
		w.ok(err)
		return info.Result.(types.HostDatastoreBrowserSearchResults).File
	}
	fails := func(fault string, task *object.Task, err error) {
		t.Helper()
		w.ok(err)
		var faulty interface{ Fault() types.BaseMethodFault }
		if err = task.Wait(w.ctx); !errors.As(err, &faulty) || !strings.HasSuffix(fmt.Sprintf("%T", faulty.Fault()), "."+fault) {
			t.Errorf("expected %s: %v", fault, err)
		}
	}
	name, spec := ds.Path("d.vmdk"), &types.FileBackedVirtualDiskSpec{
		VirtualDiskSpec: types.VirtualDiskSpec{DiskType: "thin", AdapterType: "lsiLogic"}, CapacityKb: 1024,
	}
	w.ok(w.wait(m.CreateVirtualDisk(w.ctx, name, dc, spec)))
	w.ok(w.wait(m.ExtendVirtualDisk(w.ctx, name, dc, 2048, nil)))
	f := find("", "d.vmdk")[0].(*types.VmDiskFileInfo)
	equal(w, f.CapacityKb, int64(2048))
	equal(w, *f.Thin, true)
	eager := &types.FileBackedVirtualDiskSpec{
		VirtualDiskSpec: types.VirtualDiskSpec{DiskType: "eagerZeroedThick", AdapterType: "lsiLogic"}, CapacityKb: 1024,
	}
	w.ok(w.wait(m.CreateVirtualDisk(w.ctx, ds.Path("eager.vmdk"), dc, eager)))
	for file, made := range map[string]string{"d.vmdk": "thin", "eager.vmdk": "eagerZeroedThick"} {
		infos, err := m.QueryVirtualDiskInfo(w.ctx, ds.Path(file), dc, false)
		w.ok(err)
		equal(w, infos[0].DiskType, made)
	}
	task, err := m.ExtendVirtualDisk(w.ctx, name, dc, 1024, nil)
	fails("FileFault", task, err)
	task, err = m.ExtendVirtualDisk(w.ctx, ds.Path("none.vmdk"), dc, 4096, nil)
	fails("FileNotFound", task, err)
	task, err = m.CreateVirtualDisk(w.ctx, name, dc, spec)
	fails("FileAlreadyExists", task, err)

	vm, err := w.finder.VirtualMachine(w.ctx, "DC0_H0_VM0")
	w.ok(err)
	devices, err := vm.Device(w.ctx)
	w.ok(err)
	controller, err := devices.FindDiskController("")
	w.ok(err)
	disk := devices.CreateDisk(controller, ds.Reference(), name)
	w.ok(vm.AddDevice(w.ctx, disk))
	task, err = m.DeleteVirtualDisk(w.ctx, name, dc)
	fails("FileLocked", task, err)
	// The paths are those of the datastore, whatever it is called.
	w.ok(w.wait(object.NewCommon(w.client.Client, ds.Reference()).Rename(w.ctx, "ssd1")))
	devices, err = vm.Device(w.ctx)
	w.ok(err)
	for _, d := range devices.SelectByType((*types.VirtualDisk)(nil)) {
		file := d.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName
		equal(w, strings.HasPrefix(file, "[ssd1] "), true)
	}
	w.ok(w.wait(object.NewCommon(w.client.Client, ds.Reference()).Rename(w.ctx, "LocalDS_0")))
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	w.ok(w.wait(m.DeleteVirtualDisk(w.ctx, name, dc)))
	equal(w, len(find("", "d.vmdk")), 0)
}
