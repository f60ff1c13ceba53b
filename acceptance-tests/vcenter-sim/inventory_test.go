package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) deleted(o object.Reference) {
	w.Helper()
	if w.sim.reg.Get(o.Reference()) != nil {
		w.Errorf("%s is still there", o.Reference())
	}
}

func TestFolders(t *testing.T) {
	w := newWorld(t)
	vm := w.folder("vm")
	a, err := vm.CreateFolder(w.ctx, "a")
	w.ok(err)
	b, err := vm.CreateFolder(w.ctx, "b")
	w.ok(err)
	inner, err := a.CreateFolder(w.ctx, "b")
	w.ok(err)
	host, err := w.folder("host").CreateFolder(w.ctx, "hosts")
	w.ok(err)

	_, err = vm.CreateFolder(w.ctx, "a")
	equal(w, fails[types.DuplicateName](w, err).Object, a.Reference())
	_, err = vm.CreateFolder(w.ctx, strings.Repeat("x", 81))
	fails[types.InvalidName](w, err)
	equal(w, fails[types.DuplicateName](w, w.wait(b.Rename(w.ctx, "a"))).Name, "a")
	w.ok(w.wait(a.Rename(w.ctx, "a"))) // its own name
	fails[types.DuplicateName](w, w.wait(vm.MoveInto(w.ctx, []types.ManagedObjectReference{inner.Reference()})))
	fails[types.InvalidFolder](w, w.wait(inner.MoveInto(w.ctx, []types.ManagedObjectReference{a.Reference()})))
	fails[types.InvalidFolder](w, w.wait(a.MoveInto(w.ctx, []types.ManagedObjectReference{a.Reference()})))
	fails[types.NotSupported](w, w.wait(host.MoveInto(w.ctx, []types.ManagedObjectReference{b.Reference()})))
	w.ok(w.wait(inner.MoveInto(w.ctx, []types.ManagedObjectReference{b.Reference()})))
	moved, err := w.finder.Folder(w.ctx, "/DC0/vm/a/b/b")
	w.ok(err)
	equal(w, moved.Reference(), b.Reference())
	w.ok(w.wait(a.MoveInto(w.ctx, []types.ManagedObjectReference{w.vm().Reference()})))

	// a running virtual machine keeps the folder
	fails[types.InvalidPowerState](w, w.wait(a.Destroy(w.ctx)))
	machine := w.vm()
	w.ok(w.wait(machine.PowerOff(w.ctx)))
	w.ok(w.wait(a.Destroy(w.ctx)))
	for _, o := range []object.Reference{a, inner, machine} {
		w.deleted(o)
	}

	for _, f := range []*object.Folder{vm, w.root()} {
		_, err = f.Destroy(w.ctx)
		fails[types.NotSupported](w, err)
	}
	_, err = w.root().Rename(w.ctx, "x")
	fails[types.NotSupported](w, err)
	w.ok(w.wait(vm.Rename(w.ctx, "machines")))
}

func TestFolderTypes(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string][]string{
		"vm":        {"VirtualMachine", "VirtualApp", "Folder"},
		"host":      {"ComputeResource", "Folder"},
		"datastore": {"Datastore", "StoragePod", "Folder"},
		"network":   {"Network", "DistributedVirtualSwitch", "Folder"},
	} {
		f, err := w.folder(path).CreateFolder(w.ctx, "new")
		w.ok(err)
		var m mo.Folder
		w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, f.Reference(), []string{"childType"}, &m))
		equal(w, m.ChildType, want)
	}
}

func TestDatacenters(t *testing.T) {
	w := newWorld(t)
	f, err := w.root().CreateFolder(w.ctx, "f")
	w.ok(err)
	dc, err := w.root().CreateDatacenter(w.ctx, "dc1")
	w.ok(err)
	_, err = w.root().CreateDatacenter(w.ctx, "dc1")
	fails[types.DuplicateName](w, err)
	w.ok(w.wait(f.MoveInto(w.ctx, []types.ManagedObjectReference{dc.Reference()})))
	_, err = w.finder.Datacenter(w.ctx, "/f/dc1")
	w.ok(err)
	dc2, err := f.CreateDatacenter(w.ctx, "dc2")
	w.ok(err)
	fails[types.DuplicateName](w, w.wait(dc2.Rename(w.ctx, "dc1")))
	folders, err := dc.Folders(w.ctx)
	w.ok(err)
	w.ok(w.wait(dc.Destroy(w.ctx)))
	w.deleted(dc)
	w.deleted(folders.VmFolder)
	w.ok(w.wait(f.Destroy(w.ctx)))
	w.deleted(dc2)

	full, err := w.finder.Datacenter(w.ctx, "DC0") // with hosts and running machines
	w.ok(err)
	machine := w.vm()
	w.ok(w.wait(full.Destroy(w.ctx)))
	w.deleted(machine)
	w.deleted(full)
}

func TestNestedPoolsAndVApps(t *testing.T) {
	w := newWorld(t)
	pool, err := w.finder.ResourcePool(w.ctx, "DC0_C0/Resources")
	w.ok(err)
	spec := types.DefaultResourceConfigSpec()
	p, err := pool.Create(w.ctx, "p", spec)
	w.ok(err)
	vmFolder := w.folder("vm")
	app, err := p.CreateVApp(w.ctx, "app", spec, types.VAppConfigSpec{}, vmFolder)
	w.ok(err)
	child, err := app.CreateVApp(w.ctx, "child", spec, types.VAppConfigSpec{}, nil)
	w.ok(err)
	var members mo.VirtualApp
	w.ok(app.Properties(w.ctx, app.Reference(), []string{"vAppConfig"}, &members))
	equal(w, members.VAppConfig.EntityConfig[0].StartDelay, int32(120))
	changed := members.VAppConfig.EntityConfig[0]
	changed.StartDelay, changed.StopAction = 0, "guestShutdown"
	w.ok(app.UpdateConfig(w.ctx, types.VAppConfigSpec{EntityConfig: []types.VAppEntityConfigInfo{changed}}))
	w.ok(app.Properties(w.ctx, app.Reference(), []string{"vAppConfig"}, &members))
	equal(w, members.VAppConfig.EntityConfig, []types.VAppEntityConfigInfo{changed})
	inner, err := object.NewResourcePool(w.client.Client, p.Reference()).Create(w.ctx, "inner", spec)
	w.ok(err)
	w.ok(w.wait(p.Destroy(w.ctx))) // children move up
	w.ok(w.wait(app.Destroy(w.ctx)))
	w.ok(w.wait(child.Destroy(w.ctx)))
	w.ok(w.wait(inner.Destroy(w.ctx)))
	for _, o := range []object.Reference{p, app, child, inner} {
		w.deleted(o)
	}
	fails[types.InvalidArgument](w, w.wait(pool.Destroy(w.ctx)))
	if _, err := w.client.SessionManager.UserSession(w.ctx); err != nil { // alive
		t.Fatal(err)
	}
}

func TestCustomFields(t *testing.T) {
	w := newWorld(t)
	m, err := object.GetCustomFieldsManager(w.client.Client)
	w.ok(err)
	global, err := m.Add(w.ctx, "global", "", nil, nil)
	w.ok(err)
	typed, err := m.Add(w.ctx, "typed", "VirtualMachine", nil, nil)
	w.ok(err)
	if global.Key == 0 || global.Type != "string" || typed.ManagedObjectType != "VirtualMachine" {
		t.Fatalf("%+v %+v", global, typed)
	}
	_, err = m.Add(w.ctx, "typed", "Folder", nil, nil)
	fails[types.DuplicateName](w, err)
	fails[types.DuplicateName](w, m.Rename(w.ctx, typed.Key, "global"))
	w.ok(m.Rename(w.ctx, typed.Key, "only machines"))
	fails[types.InvalidArgument](w, m.Rename(w.ctx, 4711, "x"))

	f, err := w.folder("vm").CreateFolder(w.ctx, "f") // after the fields
	w.ok(err)
	w.ok(m.Set(w.ctx, f.Reference(), global.Key, "v"))
	w.ok(m.Set(w.ctx, f.Reference(), global.Key, "v2"))
	fails[types.InvalidArgument](w, m.Set(w.ctx, f.Reference(), typed.Key, "v"))
	w.ok(m.Set(w.ctx, w.vm().Reference(), typed.Key, "")) // stays, empty
	read := func(r types.ManagedObjectReference) (fields, values []string) {
		t.Helper()
		var e mo.ManagedEntity
		w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, r, []string{"availableField", "customValue"}, &e))
		for _, d := range e.AvailableField {
			fields = append(fields, d.Name)
		}
		for _, v := range e.CustomValue {
			values = append(values, v.(*types.CustomFieldStringValue).Value)
		}
		return
	}
	fields, values := read(f.Reference())
	equal(w, [][]string{fields, values}, [][]string{{"global"}, {"v2"}})
	fields, values = read(w.vm().Reference())
	equal(w, [][]string{fields, values}, [][]string{{"global", "only machines"}, {""}})
	w.ok(m.Remove(w.ctx, global.Key))
	fields, values = read(f.Reference())
	equal(w, len(fields)+len(values), 0)
	defs, err := m.Field(w.ctx)
	w.ok(err)
	equal(w, slices.IndexFunc(defs, func(d types.CustomFieldDef) bool { return d.Key == global.Key }), -1)
}

// Many calls at once meet the same wrappers and wait on one property collector: none may see another's wrapper, or the
// plain object below, and each waiter learns the end of his task.
func TestParallelCalls(t *testing.T) {
	w := newWorld(t)
	role, err := w.authz().AddRole(w.ctx, "r", []string{"Folder.Create"})
	w.ok(err)
	vm := w.folder("vm")
	errs := make(chan error)
	const n = 40
	for i := range n {
		go func() {
			name := "f" + string(rune('A'+i%26)) + strings.Repeat("x", i/26)
			f, err := vm.CreateFolder(w.ctx, name)
			if err == nil {
				err = w.authz().SetEntityPermissions(w.ctx, f.Reference(), []types.Permission{{Principal: name, RoleId: role}})
			}
			if err == nil {
				err = w.wait(f.Rename(w.ctx, name+"-renamed"))
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	list, err := w.authz().RetrieveRolePermissions(w.ctx, role)
	w.ok(err)
	equal(w, len(list), n)
}
