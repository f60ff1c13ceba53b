package main

import (
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// What a client gives as a name, escaped or not, and what is stored.
func TestNames(t *testing.T) {
	for given, stored := range map[string]string{
		"plain": "plain", "a/b": "a%2fb", "a%2fb": "a%2fb", "a%2Fb": "a%2fb", `a\b`: "a%5cb",
		"100%": "100%25", "100%25": "100%25", "%20": "%2520", "%2520": "%2520",
	} {
		if got := storedName(given); got != stored {
			t.Errorf("%q is stored as %q, not as %q", given, got, stored)
		}
	}
	w := newWorld(t)
	root := object.NewRootFolder(w.client.Client)
	folder, err := root.CreateFolder(w.ctx, "100%25")
	w.ok(err)
	var f mo.Folder
	w.ok(folder.Properties(w.ctx, folder.Reference(), []string{"name"}, &f))
	equal(w, f.Name, "100%25")
}

func TestSwitchesAndVApps(t *testing.T) {
	model := simulator.VPX()
	model.Datacenter, model.App = 2, 1
	w := newWorldFrom(t, model)
	finder := find.NewFinder(w.client.Client)
	uuids := map[string]bool{}
	for _, e := range w.sim.reg.All("DistributedVirtualSwitch") {
		uuids[e.(*simulator.DistributedVirtualSwitch).Uuid] = true
	}
	equal(w, len(uuids), 2)
	app, err := finder.VirtualApp(w.ctx, "/DC0/host/DC0_C0/Resources/DC0_C0_APP0")
	w.ok(err)
	dc, err := finder.Datacenter(w.ctx, "DC0")
	w.ok(err)
	finder.SetDatacenter(dc)
	task, err := app.CreateChildVM(w.ctx, types.VirtualMachineConfigSpec{
		Name: "inside", GuestId: "otherGuest", Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"},
	}, nil)
	w.ok(err)
	info, err := task.WaitForResult(w.ctx)
	w.ok(err)
	var vm mo.VirtualMachine
	w.ok(app.Properties(w.ctx, info.Result.(types.ManagedObjectReference), []string{"parent", "parentVApp"}, &vm))
	equal(w, vm.Parent == nil, true)
	equal(w, *vm.ParentVApp, app.Reference())
	// A traversal is for its type: none leads from a virtual machine through its pool.
	app0 := types.TraversalSpec{Type: "VirtualApp", Path: "resourcePool", SelectSet: []types.BaseSelectionSpec{&types.SelectionSpec{Name: "f"}}}
	pools := types.TraversalSpec{Type: "Folder", Path: "childEntity", SelectSet: []types.BaseSelectionSpec{&types.SelectionSpec{Name: "f"}, &app0}}
	pools.Name = "f"
	folders, err := dc.Folders(w.ctx)
	w.ok(err)
	res, err := property.DefaultCollector(w.client.Client).RetrieveProperties(w.ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{{
		ObjectSet: []types.ObjectSpec{{Obj: folders.VmFolder.Reference(), SelectSet: []types.BaseSelectionSpec{&pools}}},
		PropSet:   []types.PropertySpec{{Type: "ManagedEntity", PathSet: []string{"name"}}},
	}}})
	w.ok(err)
	for _, o := range res.Returnval {
		equal(w, o.Obj.Type == "ResourcePool", false)
	}
	found, err := finder.VirtualMachine(w.ctx, "/DC0/vm/DC0_C0_APP0/inside")
	w.ok(err)
	equal(w, found.Reference(), vm.Self)
}
