package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// An export is mounted by two hosts as one datastore, and leaves the inventory with the last of them.
func TestNasDatastoreOfSeveralHosts(t *testing.T) {
	w := newWorld(t)
	hosts, err := w.finder.HostSystemList(w.ctx, "DC0_C0/*")
	w.ok(err)
	spec := types.HostNasVolumeSpec{RemoteHost: "nfs1", RemotePath: "/export", LocalPath: "nfs", AccessMode: "readWrite", Type: "NFS41"}
	var mounted []types.ManagedObjectReference
	for _, h := range hosts[:2] {
		system, err := h.ConfigManager().DatastoreSystem(w.ctx)
		w.ok(err)
		ds, err := system.CreateNasDatastore(w.ctx, spec)
		w.ok(err)
		mounted = append(mounted, ds.Reference())
		other := spec
		other.RemotePath = "/other"
		if _, err := system.CreateNasDatastore(w.ctx, other); err == nil {
			t.Error("a name was taken twice")
		}
	}
	if mounted[0] != mounted[1] {
		t.Errorf("two datastores of one export: %v", mounted)
	}
	var ds mo.Datastore
	w.ok(w.client.RetrieveOne(w.ctx, mounted[0], []string{"host", "info", "summary"}, &ds))
	if len(ds.Host) != 2 || !*ds.Summary.MultipleHostAccess {
		t.Errorf("%d hosts, several: %v", len(ds.Host), *ds.Summary.MultipleHostAccess)
	}
	if s := ds.Info.(*types.NasDatastoreInfo).Nas.SecurityType; s != "AUTH_SYS" {
		t.Errorf("the security type is %q", s)
	}
	pod, err := w.folder("datastore").CreateStoragePod(w.ctx, "pod")
	w.ok(err)
	w.ok(w.wait(pod.MoveInto(w.ctx, mounted[:1])))
	store := object.NewDatastore(w.client.Client, mounted[0])
	for i, h := range hosts[:2] {
		system, err := h.ConfigManager().DatastoreSystem(w.ctx)
		w.ok(err)
		w.ok(system.Remove(w.ctx, store))
		if err := system.Remove(w.ctx, store); err == nil {
			t.Error("unmounted twice")
		}
		err = w.client.RetrieveOne(w.ctx, mounted[0], []string{"name"}, &ds)
		if deleted := err != nil; deleted != (i == 1) {
			t.Errorf("after %d hosts: %v", i+1, err)
		}
	}
}

// A data object of the settings of Storage DRS is set as a whole; what the specification leaves out stays.
func TestSettingsOfStorageDrs(t *testing.T) {
	w := newWorld(t)
	pod, err := w.folder("datastore").CreateStoragePod(w.ctx, "pod")
	w.ok(err)
	m := object.NewStorageResourceManager(w.client.Client)
	set := func(s types.StorageDrsPodConfigSpec) {
		w.ok(w.wait(m.ConfigureStorageDrsForPod(w.ctx, pod, types.StorageDrsConfigSpec{PodConfigSpec: &s}, true)))
	}
	set(types.StorageDrsPodConfigSpec{
		Enabled:                bp(true),
		SpaceLoadBalanceConfig: &types.StorageDrsSpaceLoadBalanceConfig{SpaceUtilizationThreshold: 70, MinSpaceUtilizationDifference: 9},
		AutomationOverrides:    &types.StorageDrsAutomationConfig{IoLoadBalanceAutomationMode: "manual", VmEvacuationAutomationMode: "manual"},
	})
	set(types.StorageDrsPodConfigSpec{
		SpaceLoadBalanceConfig: &types.StorageDrsSpaceLoadBalanceConfig{SpaceUtilizationThreshold: 75},
		AutomationOverrides:    &types.StorageDrsAutomationConfig{VmEvacuationAutomationMode: "automated"},
	})
	var read mo.StoragePod
	w.ok(w.client.RetrieveOne(w.ctx, pod.Reference(), []string{"podStorageDrsEntry"}, &read))
	c := read.PodStorageDrsEntry.StorageDrsConfig.PodConfig
	if s := c.SpaceLoadBalanceConfig; !c.Enabled || s.SpaceUtilizationThreshold != 75 || s.MinSpaceUtilizationDifference != 5 {
		t.Errorf("enabled: %v, space: %+v", c.Enabled, *s)
	}
	if o := c.AutomationOverrides; o.IoLoadBalanceAutomationMode != "" || o.VmEvacuationAutomationMode != "automated" {
		t.Errorf("overrides: %+v", *o)
	}
}
