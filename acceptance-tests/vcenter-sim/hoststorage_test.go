package main

import (
	"slices"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A datastore takes whole disks, one after the other; all hosts that have the disk mount it, and a deleted one leaves the
// disks empty.
func TestVmfsDatastore(t *testing.T) {
	w := newWorld(t)
	_, err := w.folder("datastore").CreateFolder(w.ctx, "other")
	w.ok(err)
	hosts, err := w.finder.HostSystemList(w.ctx, "DC0_C0/*")
	w.ok(err)
	system, err := hosts[0].ConfigManager().DatastoreSystem(w.ctx)
	w.ok(err)
	storage, err := hosts[0].ConfigManager().StorageSystem(w.ctx)
	w.ok(err)
	names := func() []string {
		disks, err := system.QueryAvailableDisksForVmfs(w.ctx)
		w.ok(err)
		var out []string
		for _, d := range disks {
			out = append(out, d.CanonicalName)
		}
		return out
	}
	before := names()
	if slices.Contains(before, "mpx.vmhba0:C0:T0:L0") {
		t.Error("the disk of the system is available")
	}
	w.ok(storage.RescanAllHba(w.ctx))
	if after := names(); len(after) != len(before)+1 {
		t.Errorf("disks before and after a scan: %v, %v", before, after)
	}
	var one, foreign types.HostScsiDisk
	disks, err := system.QueryAvailableDisksForVmfs(w.ctx)
	w.ok(err)
	for _, d := range disks {
		switch d.CanonicalName {
		case newDisks(true)[0].name:
			one = d
		case "mpx.vmhba0:C0:T2:L0":
			foreign = d
		}
	}
	options, err := system.QueryVmfsDatastoreCreateOptions(w.ctx, one.DevicePath)
	w.ok(err)
	spec := *options[0].Spec.(*types.VmfsDatastoreCreateSpec)
	spec.Vmfs.VolumeName = "LocalDS_0"
	if _, err := system.CreateVmfsDatastore(w.ctx, spec); err == nil {
		t.Error("a name was taken twice")
	}
	spec.Vmfs.VolumeName = "vmfs"
	ds, err := system.CreateVmfsDatastore(w.ctx, spec)
	w.ok(err)
	if _, err := system.CreateVmfsDatastore(w.ctx, spec); err == nil {
		t.Error("a disk was taken twice")
	}
	extend, err := methods.QueryVmfsDatastoreExtendOptions(w.ctx, w.client.Client, &types.QueryVmfsDatastoreExtendOptions{
		This: system.Reference(), Datastore: ds.Reference(), DevicePath: foreign.DevicePath,
	})
	w.ok(err)
	if len(extend.Returnval) != 2 {
		t.Errorf("a disk with partitions has %d options", len(extend.Returnval))
	}
	_, err = methods.ExtendVmfsDatastore(w.ctx, w.client.Client, &types.ExtendVmfsDatastore{
		This: system.Reference(), Datastore: ds.Reference(), Spec: *extend.Returnval[1].Spec.(*types.VmfsDatastoreExtendSpec),
	})
	w.ok(err)
	var read mo.Datastore
	w.ok(w.client.RetrieveOne(w.ctx, ds.Reference(), []string{"host", "info", "summary", "parent"}, &read))
	if *read.Parent != w.folder("datastore").Reference() {
		t.Errorf("the datastore is in %v", *read.Parent)
	}
	extents := read.Info.(*types.VmfsDatastoreInfo).Vmfs.Extent
	if len(extents) != 2 || extents[1].DiskName != foreign.CanonicalName || read.Summary.Capacity>>30 != 163 {
		t.Errorf("extents: %+v, %d GiB", extents, read.Summary.Capacity>>30)
	}
	if len(read.Host) != 4 || !*read.Summary.MultipleHostAccess {
		t.Errorf("%d hosts", len(read.Host))
	}
	w.ok(system.Remove(w.ctx, object.NewDatastore(w.client.Client, ds.Reference())))
	parts, err := methods.RetrieveDiskPartitionInfo(w.ctx, w.client.Client, &types.RetrieveDiskPartitionInfo{
		This: storage.Reference(), DevicePath: []string{one.DevicePath, foreign.DevicePath},
	})
	w.ok(err)
	for _, p := range parts.Returnval {
		if len(p.Spec.Partition) > 0 {
			t.Errorf("partitions are left: %+v", p.Spec.Partition)
		}
	}
}
