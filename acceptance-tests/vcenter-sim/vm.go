package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// xVM checks what the simulator takes unchecked, and carries out what it leaves undone. Each method runs the
// simulator's own task within one of ours.
type xVM struct{ *simulator.VirtualMachine }

// vmMethods are the methods that xVM overrides or adds.
var vmMethods = map[string]bool{
	"RelocateVM_Task": true, "Rename_Task": true, "ReconfigVM_Task": true, "CloneVM_Task": true, "InstantClone_Task": true, "Destroy_Task": true,
	"CustomizeVM_Task": true, "CheckCustomizationSpec": true, "UpgradeVM_Task": true, "ApplyEvcModeVM_Task": true, "ShutdownGuest": true,
	"RebootGuest": true, "StandbyGuest": true, "MarkAsTemplate": true, "MarkAsVirtualMachine": true,
	"PowerOnVM_Task": true, "ResetVM_Task": true, "AnswerVM": true, "PromoteDisks_Task": true, "AttachDisk_Task": true, "DetachDisk_Task": true,
	"CreateSnapshot_Task": true, "CreateSnapshotEx_Task": true, "RemoveAllSnapshots_Task": true, "RevertToCurrentSnapshot_Task": true,
}

func (v *xVM) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, v.VirtualMachine, req, func(name string) { v.Config.Name, v.Summary.Config.Name = name, name })
}

// wait waits for a task of the simulator and returns how it ended.
func wait(ctx *simulator.Context, r ref) (types.AnyType, types.BaseMethodFault) {
	t := ctx.Map.Get(r).(*simulator.Task)
	t.Wait()
	if t.Info.Error != nil {
		return nil, t.Info.Error.Fault
	}
	return t.Info.Result, nil
}

// hostsOf lists the hosts that a pool's machines may run on.
func hostsOf(ctx *simulator.Context, pool ref) []ref {
	p := poolOf(ctx.Map.Get(pool))
	if p == nil {
		return nil
	}
	switch c := ctx.Map.Get(p.Owner).(type) {
	case *simulator.ClusterComputeResource:
		return c.Host
	case *mo.ComputeResource:
		return c.Host
	}
	return nil
}

// computeOf is the cluster or the stand-alone host that a host belongs to.
func computeOf(ctx *simulator.Context, host *simulator.HostSystem) *mo.ComputeResource {
	switch c := ctx.Map.Get(*host.Parent).(type) {
	case *simulator.ClusterComputeResource:
		return &c.ComputeResource
	case *mo.ComputeResource:
		return c
	}
	return nil
}

// withoutDRS reports whether a pool is that of a cluster without DRS, which does not choose hosts: a creation there
// must name one (RelocateSpec.host: "if the pool is of a cluster without DRS … InvalidArgument").
func withoutDRS(ctx *simulator.Context, pool ref) bool {
	p := poolOf(ctx.Map.Get(pool))
	if p == nil {
		return false
	}
	c, ok := ctx.Map.Get(p.Owner).(*simulator.ClusterComputeResource)
	if !ok {
		return false
	}
	cfg, ok := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	return ok && cfg.DrsConfig.Enabled != nil && !*cfg.DrsConfig.Enabled
}

// placeVM chooses the host of a new machine: one that sees all the datastores, with the fewest machines.
func placeVM(ctx *simulator.Context, pool ref, want *ref, stores []string) (*simulator.HostSystem, types.BaseMethodFault) {
	hosts := hostsOf(ctx, pool)
	if len(hosts) == 0 {
		return nil, invalidArgument("pool")
	}
	if want != nil {
		if !slices.Contains(hosts, *want) {
			return nil, invalidArgument("host")
		}
		hosts = []ref{*want}
	}
	if want == nil && len(hosts) > 0 && withoutDRS(ctx, pool) {
		return nil, invalidArgument("spec.pool")
	}
	var best *simulator.HostSystem
	var bad types.BaseMethodFault = &types.InvalidState{} // all in maintenance
	for _, r := range hosts {
		h, ok := ctx.Map.Get(r).(*simulator.HostSystem)
		if !ok || h.Runtime.InMaintenanceMode && want == nil {
			continue
		}
		missing := slices.IndexFunc(stores, func(name string) bool { return ctx.Map.FindByName(name, h.Datastore) == nil })
		if missing >= 0 {
			bad = &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: stores[missing]}, DatastorePath: "[" + stores[missing] + "]"}
			continue
		}
		if best == nil || len(h.Vm) < len(best.Vm) {
			best = h
		}
	}
	if best == nil {
		return nil, bad
	}
	return best, nil
}

// createVM makes a machine. A name of which the slashes are not escaped makes the simulator add every device twice.
func createVM(ctx *simulator.Context, f *simulator.Folder, spec types.VirtualMachineConfigSpec, pool ref, host *ref) (*simulator.VirtualMachine, types.BaseMethodFault) {
	if !slices.Contains(f.ChildType, "VirtualMachine") {
		return nil, &types.NotSupported{}
	}
	spec.Name = storedName(spec.Name)
	if bad := validName(spec.Name); bad != nil {
		return nil, bad
	}
	if other := sameName(ctx, f.Self, spec.Name, ref{}); other != nil {
		return nil, &types.DuplicateName{Name: spec.Name, Object: other.Reference()}
	}
	dc, _ := ctx.Map.Get(datacenterOf(ctx, f.Self)).(*simulator.Datacenter)
	if dc == nil {
		return nil, &types.NotSupported{}
	}
	if datacenterOf(ctx, pool) != dc.Self {
		return nil, invalidArgument("pool")
	}
	if spec.Files == nil || spec.Files.VmPathName == "" {
		return nil, &types.InvalidVmConfig{Property: "configSpec.files.vmPathName"}
	}
	files := *spec.Files
	spec.Files = &files
	var p object.DatastorePath
	if !p.FromString(files.VmPathName) || ctx.Map.FindByName(p.Datastore, dc.Datastore) == nil {
		return nil, &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: p.Datastore}, DatastorePath: files.VmPathName}
	}
	h, bad := placeVM(ctx, pool, host, storesOf(&spec))
	if bad != nil {
		return nil, bad
	}
	highest := highestHardware(simOf(ctx), h)
	if spec.Version == "" {
		spec.Version = fmt.Sprintf("vmx-%02d", highest)
	}
	if n := hardwareNumber(spec.Version); n < 3 || n > highest {
		return nil, &types.NotSupported{}
	}
	if spec.GuestId == "" {
		spec.GuestId = string(types.VirtualMachineGuestOsIdentifierOtherGuest)
	}
	if spec.Uuid == "" {
		spec.Uuid = uuid.NewString()
	}
	if spec.InstanceUuid == "" {
		spec.InstanceUuid = uuid.NewString()
	}
	if bad := completeKeys(ctx, nil, &spec); bad != nil {
		return nil, bad
	}
	prep, bad := prepareConfig(ctx, nil, &spec, dc, h)
	if bad != nil {
		return nil, bad
	}
	plain := spec
	plain.Name = strings.ReplaceAll(spec.Name, "%", "_") // the simulator would escape again
	if ds, ok := ctx.Map.FindByName(p.Datastore, dc.Datastore).(*simulator.Datastore); ok && p.Path == "" {
		folder := object.DatastorePath{Datastore: p.Datastore, Path: freeName(ds.Summary.Url, plain.Name, "")}
		files.VmPathName = folder.String()
	}
	res := f.CreateVMTask(ctx, &types.CreateVM_Task{This: f.Self, Config: plain, Pool: pool, Host: &h.Self})
	result, bad := wait(ctx, res.(*methods.CreateVM_TaskBody).Res.Returnval)
	if bad != nil {
		if vmx := localPath(ctx, dc, files.VmPathName); path.Ext(vmx) == ".vmx" && p.Path == "" {
			_ = os.RemoveAll(path.Dir(vmx)) // what was made before it failed
		}
		return nil, bad
	}
	vm := ctx.Map.Get(result.(ref)).(*simulator.VirtualMachine)
	ctx.WithLock(vm, func() {
		ctx.Update(vm, []types.PropertyChange{{Name: "name", Val: spec.Name}, {Name: "config.name", Val: spec.Name}, {Name: "summary.config.name", Val: spec.Name}})
		prep.finish(ctx, vm, &spec)
	})
	if len(prep.video) > 0 {
		if bad := reconfigureVM(ctx, vm, types.VirtualMachineConfigSpec{DeviceChange: prep.video}); bad != nil {
			_ = destroyVM(ctx, vm)
			return nil, bad
		}
	}
	if c, ok := spec.Crypto.(*types.CryptoSpecEncrypt); ok {
		ctx.WithLock(vm, func() {
			ctx.Update(vm, []types.PropertyChange{{Name: "config.keyId", Val: &c.CryptoKeyId}})
		})
	}
	unsettle(ctx, vm)
	intoVApp(ctx, vm, pool)
	return vm, nil
}

func (f *xFolder) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	id := task(ctx, f.Folder, "createVm", func() (types.AnyType, types.BaseMethodFault) {
		vm, bad := createVM(ctx, f.Folder, req.Config, req.Pool, req.Host)
		if bad != nil {
			return nil, bad
		}
		return vm.Self, nil
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: id}}
}

// intoVApp: a machine whose pool is a vApp is in no folder.
func intoVApp(ctx *simulator.Context, vm *simulator.VirtualMachine, pool ref) {
	folder, ok := ctx.Map.Get(*vm.Parent).(*simulator.Folder)
	if !ok {
		return
	}
	vm.ParentVApp = nil
	if pool.Type == "VirtualApp" {
		vm.ParentVApp = &pool
		ctx.Map.RemoveReference(ctx, folder, &folder.ChildEntity, vm.Self)
	} else if simulator.FindReference(folder.ChildEntity, vm.Self) == nil {
		ctx.Map.AppendReference(ctx, folder, &folder.ChildEntity, vm.Self)
	}
}

// CreateChildVMTask makes a machine in a vApp, in the folder of the outermost one.
func (p *xVApp) CreateChildVMTask(ctx *simulator.Context, req *types.CreateChildVM_Task) soap.HasFault {
	id := task(ctx, p.VirtualApp, "createChildVm", func() (types.AnyType, types.BaseMethodFault) {
		app := p.VirtualApp
		for app.ParentFolder == nil && app.Parent != nil {
			up, ok := ctx.Map.Get(*app.Parent).(*simulator.VirtualApp)
			if !ok {
				return nil, &types.InvalidState{}
			}
			app = up
		}
		f, ok := ctx.Map.Get(*app.ParentFolder).(*simulator.Folder)
		if !ok {
			return nil, &types.InvalidState{}
		}
		vm, bad := createVM(ctx, f, req.Config, p.Self, req.Host)
		if bad != nil {
			return nil, bad
		}
		return vm.Self, nil
	})
	return &methods.CreateChildVM_TaskBody{Res: &types.CreateChildVM_TaskResponse{Returnval: id}}
}

// ImportVApp checks the specification, as for any machine; what is left to be done waits until the simulator names it.
func (p *xPool) ImportVApp(ctx *simulator.Context, req *types.ImportVApp) soap.HasFault {
	if spec, ok := req.Spec.(*types.VirtualMachineImportSpec); ok {
		var folder *simulator.Folder
		if req.Folder != nil {
			folder, _ = ctx.Map.Get(*req.Folder).(*simulator.Folder)
			if folder == nil {
				return &methods.ImportVAppBody{Fault_: fault(&types.ManagedObjectNotFound{Obj: *req.Folder})}
			}
			if datacenterOf(ctx, folder.Self) != datacenterOf(ctx, p.Self) {
				return &methods.ImportVAppBody{Fault_: fault(invalidArgument("folder"))}
			}
			if other := sameName(ctx, folder.Self, storedName(spec.ConfigSpec.Name), ref{}); other != nil {
				return &methods.ImportVAppBody{Fault_: fault(&types.DuplicateName{Name: spec.ConfigSpec.Name, Object: other.Reference()})}
			}
		}
		h, bad := placeVM(ctx, p.Self, req.Host, storesOf(&spec.ConfigSpec))
		var prep *prepared
		if bad == nil {
			dc, _ := ctx.Map.Get(datacenterOf(ctx, p.Self)).(*simulator.Datacenter)
			prep, bad = prepareConfig(ctx, nil, &spec.ConfigSpec, dc, h)
		}
		if bad != nil {
			return &methods.ImportVAppBody{Fault_: fault(bad)}
		}
		req.Host = &h.Self
		config := spec.ConfigSpec
		simOf(ctx).imports.Store(config.Name, func(vm *simulator.VirtualMachine) {
			prep.finish(ctx, vm, &config)
			if vm.ResourcePool != nil {
				intoVApp(ctx, vm, *vm.ResourcePool)
			}
		})
	}
	if p.session != nil {
		ctx.Session = p.session
	}
	return p.ResourcePool.ImportVApp(ctx, req)
}

// reconfigureVM changes a machine.
func reconfigureVM(ctx *simulator.Context, vm *simulator.VirtualMachine, spec types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if spec.Name != "" {
		spec.Name = storedName(spec.Name)
		if bad := validName(spec.Name); bad != nil {
			return bad
		}
		if other := sameName(ctx, *vm.Parent, spec.Name, vm.Self); other != nil {
			return &types.DuplicateName{Name: spec.Name, Object: other.Reference()}
		}
	}
	if bad := completeKeys(ctx, vm, &spec); bad != nil {
		return bad
	}
	var prep *prepared
	if vm.Config.Template {
		if spec.Annotation == explicitEmpty {
			spec.Annotation = ""
			vm.Config.Annotation = ""
		}
	} else {
		dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
		if dc == nil {
			return &types.ManagedObjectNotFound{Obj: vm.Self}
		}
		host, _ := ctx.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
		var bad types.BaseMethodFault
		if prep, bad = prepareConfig(ctx, vm, &spec, dc, host); bad != nil {
			return bad
		}
	}
	res := vm.ReconfigVMTask(ctx, &types.ReconfigVM_Task{This: vm.Self, Spec: spec})
	_, bad := wait(ctx, res.(*methods.ReconfigVM_TaskBody).Res.Returnval)
	if bad != nil {
		return bad
	}
	if prep != nil {
		ctx.WithLock(vm, func() { prep.finish(ctx, vm, &spec) })
	}
	unsettle(ctx, vm)
	return nil
}

func (v *xVM) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	if asks(v.VirtualMachine, &req.Spec) {
		return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: askFirst(ctx, v.VirtualMachine, req.Spec)}}
	}
	id := task(ctx, v.VirtualMachine, "reconfigVm", func() (types.AnyType, types.BaseMethodFault) {
		return nil, reconfigureVM(ctx, v.VirtualMachine, req.Spec)
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: id}}
}

// unsettledMethods are those that vCenter lists in disabledMethod while the operation that made or changed a machine has not ended.
var unsettledMethods = []string{"MarkAsTemplate", "CreateSnapshot_Task", "CreateSnapshotEx_Task"}

// unsettle: with -settle, a machine that was just made or changed is not ready for some operations for a while.
func unsettle(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	s, at := simOf(ctx), time.Now()
	s.changed.Store(vm.Self, at)
	if s.settle == 0 {
		return
	}
	disable := func(ctx *simulator.Context, methods []string) {
		ctx.WithLock(vm, func() {
			ctx.Update(vm, []types.PropertyChange{{Name: "disabledMethod", Val: methods}})
		})
	}
	disable(ctx, unsettledMethods)
	time.AfterFunc(s.settle, func() {
		if last, ok := s.changed.Load(vm.Self); ok && last.(time.Time).Equal(at) {
			disable(s.context(), []string{})
		}
	})
}

// PowerOnVMTask: with -settle, a machine that was just made or changed cannot be turned on for a while, although the task
// that did it has ended (reported of vCenter: "The operation is not allowed in the current state").
func (v *xVM) PowerOnVMTask(ctx *simulator.Context, req *types.PowerOnVM_Task) soap.HasFault {
	s := simOf(ctx)
	if v.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn && !s.hasRoom(v.VirtualMachine) {
		id := task(ctx, v.VirtualMachine, "powerOn", func() (types.AnyType, types.BaseMethodFault) {
			return nil, &types.InsufficientMemoryResourcesFault{Unreserved: 0, Requested: int64(v.Config.Hardware.MemoryMB) << 20}
		})
		return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: id}}
	}
	at, ok := s.changed.Load(v.Self)
	if !ok || s.settle == 0 || time.Since(at.(time.Time)) >= s.settle {
		return v.VirtualMachine.PowerOnVMTask(ctx, req)
	}
	id := task(ctx, v.VirtualMachine, "powerOn", func() (types.AnyType, types.BaseMethodFault) {
		return nil, &types.InvalidState{}
	})
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: id}}
}

// UpgradeVMTask: a machine that has the version already is AlreadyUpgraded, as is one above it; one without disks is not
// upgraded.
// PromoteDisksTask promotes all disks if the call does not name any: what another virtual machine shares is copied.
func (v *xVM) PromoteDisksTask(ctx *simulator.Context, req *types.PromoteDisks_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "promoteDisks", func() (types.AnyType, types.BaseMethodFault) {
		if v.Config.Template {
			return nil, &types.InvalidState{}
		}
		for _, d := range object.VirtualDeviceList(v.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil)) {
			disk := d.(*types.VirtualDisk)
			named := slices.ContainsFunc(req.Disks, func(n types.VirtualDisk) bool { return n.Key == disk.Key })
			b, flat := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
			if !flat || len(req.Disks) > 0 && !named {
				continue
			}
			// What another virtual machine shares is copied; a disk of the own snapshots stays as it is.
			root := b
			for root.Parent != nil && dirOf(root.Parent.FileName) == dirOf(b.FileName) {
				root = root.Parent
			}
			if req.Unlink && root.Parent != nil {
				root.Parent, root.DeltaDiskFormat = nil, ""
			}
		}
		return nil, nil
	})
	return &methods.PromoteDisks_TaskBody{Res: &types.PromoteDisks_TaskResponse{Returnval: id}}
}

func (v *xVM) UpgradeVMTask(ctx *simulator.Context, req *types.UpgradeVM_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "upgradeVm", func() (types.AnyType, types.BaseMethodFault) {
		if v.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
			return nil, notWhileOn(v.VirtualMachine)
		}
		if v.Config.Template {
			return nil, &types.InvalidState{}
		}
		host := ctx.Map.Get(*v.Runtime.Host).(*simulator.HostSystem)
		highest := highestHardware(simOf(ctx), host)
		want := highest
		if req.Version != "" {
			want = hardwareNumber(req.Version)
		}
		switch have := hardwareNumber(v.Config.Version); {
		case want < 3 || want > highest:
			return nil, &types.InvalidState{}
		case want <= have:
			return nil, &types.AlreadyUpgraded{}
		case len(object.VirtualDeviceList(v.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil))) == 0:
			return nil, &types.NoDiskFound{}
		}
		version := fmt.Sprintf("vmx-%02d", want)
		ctx.Update(v.VirtualMachine, []types.PropertyChange{{Name: "config.version", Val: version}, {Name: "summary.config.hwVersion", Val: version}})
		unsettle(ctx, v.VirtualMachine)
		return nil, nil
	})
	return &methods.UpgradeVM_TaskBody{Res: &types.UpgradeVM_TaskResponse{Returnval: id}}
}

// MarkAsTemplate also takes the machine out of its pool.
func (v *xVM) MarkAsTemplate(ctx *simulator.Context, req *types.MarkAsTemplate) soap.HasFault {
	pool := v.VirtualMachine.ResourcePool
	r := v.VirtualMachine.MarkAsTemplate(req)
	if r.Fault() == nil && pool != nil {
		if p := poolOf(ctx.Map.Get(*pool)); p != nil {
			ctx.Map.RemoveReference(ctx, ctx.Map.Get(p.Self), &p.Vm, v.Self)
		}
	}
	return r
}

func (v *xVM) MarkAsVirtualMachine(ctx *simulator.Context, req *types.MarkAsVirtualMachine) soap.HasFault {
	p := poolOf(ctx.Map.Get(req.Pool))
	if p == nil {
		return &methods.MarkAsVirtualMachineBody{Fault_: fault(&types.ManagedObjectNotFound{Obj: req.Pool})}
	}
	hosts := hostsOf(ctx, req.Pool)
	if req.Host != nil && !slices.Contains(hosts, *req.Host) {
		return &methods.MarkAsVirtualMachineBody{Fault_: fault(invalidArgument("host"))}
	}
	r := v.VirtualMachine.MarkAsVirtualMachine(req)
	if r.Fault() == nil {
		ctx.Map.AddReference(ctx, ctx.Map.Get(p.Self), &p.Vm, v.Self)
		if req.Host == nil && !slices.Contains(hosts, *v.Runtime.Host) && len(hosts) > 0 {
			moveToHost(ctx, v.VirtualMachine, hosts[0])
		}
	}
	return r
}

// localPath is where the simulator keeps a file of a datastore.
func localPath(ctx *simulator.Context, dc *simulator.Datacenter, name string) string {
	var p object.DatastorePath
	if !p.FromString(name) {
		return ""
	}
	ds, ok := ctx.Map.FindByName(p.Datastore, dc.Datastore).(*simulator.Datastore)
	if !ok {
		return ""
	}
	return path.Join(ds.Summary.Url, p.Path)
}

// destroyVM deletes a machine: its own files and those of the disks it has. The simulator deletes all that lies in its
// folder, disks that were detached from it too.
func destroyVM(ctx *simulator.Context, vm *simulator.VirtualMachine) types.BaseMethodFault {
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return &types.InvalidPowerState{ExistingState: vm.Runtime.PowerState, RequestedState: types.VirtualMachinePowerStatePoweredOff}
	}
	dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	dir, own := "", ""
	if dc != nil {
		if vmx := localPath(ctx, dc, vm.Config.Files.VmPathName); vmx != "" {
			dir, own = path.Dir(vmx), strings.TrimSuffix(path.Base(vmx), ".vmx")
		}
		var p object.DatastorePath
		p.FromString(vm.Config.Files.VmPathName)
		p.Path = "." + randomID()
		vm.Config.Files.LogDirectory = p.String() // what the simulator would delete: nothing
	}
	lost := keepFCDs(simOf(ctx), vm)
	mine := map[string]bool{}  // the files that the disks of the machine began as
	below := map[string]bool{} // what the disks of the machine are children of, in their own folders
	first := func(b *types.VirtualDiskFlatVer2BackingInfo) string {
		for b.Parent != nil && dirOf(b.Parent.FileName) == dirOf(b.FileName) {
			b = b.Parent
		}
		return b.FileName
	}
	for _, b := range flatDisks(orNew(vm.Config)) {
		mine[first(b)] = true
		for ; b.Parent != nil && dirOf(b.Parent.FileName) == dirOf(b.FileName); b = b.Parent {
			below[b.Parent.FileName] = true
		}
	}
	for _, o := range ctx.Map.AllReference("VirtualMachineSnapshot") {
		if snap, ok := o.(*simulator.VirtualMachineSnapshot); ok && snap.Vm == vm.Self {
			for _, b := range flatDisks(&snap.Config) { // other branches
				if !mine[first(b)] { // it was detached since
					continue
				}
				for below[b.FileName] = true; b.Parent != nil && dirOf(b.Parent.FileName) == dirOf(b.FileName); b = b.Parent {
					below[b.Parent.FileName] = true
				}
			}
			ctx.Map.Remove(ctx, snap.Self)
		}
	}
	res := vm.DestroyTask(ctx, &types.Destroy_Task{This: vm.Self})
	_, bad := wait(ctx, res.(*methods.Destroy_TaskBody).Res.Returnval)
	if bad != nil {
		return bad
	}
	s := simOf(ctx)
	forgetFCDs(s, lost)
	noteFCDs(s, vm.Config.Uuid, nil)
	s.profiles.forget(vm.Self)
	s.guests.Delete(vm.Self)
	s.diskUse.note(vm.Self, nil)
	for file := range below {
		if !s.diskUse.byOthers(vm.Self, file) { // others hang on it
			removeDisk(ctx, dc, file)
		}
	}
	if dir == "" {
		return nil
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		switch ext := filepath.Ext(e.Name()); {
		case ext == ".vmx", ext == ".nvram", ext == ".vmsd", ext == ".vmsn", ext == ".vmem", ext == ".vswp", ext == ".log", ext == ".vmxf":
			if strings.HasPrefix(e.Name(), own) || ext == ".log" || ext == ".nvram" || ext == ".vmsn" {
				_ = os.Remove(path.Join(dir, e.Name()))
			}
		}
	}
	_ = os.Remove(dir) // when nothing is left in it
	return nil
}

func (v *xVM) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		return nil, destroyVM(ctx, v.VirtualMachine)
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}

// defaultDevice reports whether a device is one that every machine is made with.
func defaultDevice(key int32) bool {
	return slices.ContainsFunc(esx.VirtualDevice, func(d types.BaseVirtualDevice) bool { return d.GetVirtualDevice().Key == key })
}

// cloneConfig is the specification of a machine like another.
func cloneConfig(src *types.VirtualMachineConfigInfo) types.VirtualMachineConfigSpec {
	src = orNew(src)
	c := deepCopy(*src)
	spec := types.VirtualMachineConfigSpec{
		Version: c.Version, GuestId: c.GuestId, AlternateGuestName: c.AlternateGuestName, Annotation: c.Annotation,
		Firmware: c.Firmware, NumCPUs: c.Hardware.NumCPU, NumCoresPerSocket: c.Hardware.NumCoresPerSocket,
		MemoryMB: int64(c.Hardware.MemoryMB), VirtualICH7MPresent: c.Hardware.VirtualICH7MPresent, VirtualSMCPresent: c.Hardware.VirtualSMCPresent,
		NestedHVEnabled: c.NestedHVEnabled, CpuHotAddEnabled: c.CpuHotAddEnabled, CpuHotRemoveEnabled: c.CpuHotRemoveEnabled,
		MemoryHotAddEnabled: c.MemoryHotAddEnabled, MemoryReservationLockedToMax: c.MemoryReservationLockedToMax,
		ChangeTrackingEnabled: c.ChangeTrackingEnabled, VPMCEnabled: c.VPMCEnabled, SwapPlacement: c.SwapPlacement,
		Flags: &c.Flags, BootOptions: c.BootOptions, Tools: c.Tools, LatencySensitivity: c.LatencySensitivity,
		CpuAllocation: c.CpuAllocation, MemoryAllocation: c.MemoryAllocation,
	}
	if spec.Tools != nil {
		spec.Tools.PendingCustomization = ""
	}
	for _, o := range c.ExtraConfig {
		if v := o.GetOptionValue(); v.Key != "govcsim" {
			spec.ExtraConfig = append(spec.ExtraConfig, o)
		}
	}
	if c.VAppConfig != nil {
		info := c.VAppConfig.GetVmConfigInfo()
		v := &types.VmConfigSpec{Eula: info.Eula, OvfEnvironmentTransport: info.OvfEnvironmentTransport, IpAssignment: &info.IpAssignment}
		for _, p := range info.Property {
			v.Property = append(v.Property, types.VAppPropertySpec{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}, Info: &p})
		}
		for _, p := range info.Product {
			v.Product = append(v.Product, types.VAppProductSpec{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}, Info: &p})
		}
		spec.VAppConfig = v
	}
	return spec
}

// transformed applies what a move or a clone says about the format of a disk.
func transformed(b *types.VirtualDiskFlatVer2BackingInfo, transform types.VirtualMachineRelocateTransformation, locator *types.VirtualMachineRelocateSpecDiskLocator) {
	switch transform {
	case types.VirtualMachineRelocateTransformationSparse:
		b.ThinProvisioned, b.EagerlyScrub = bp(true), bp(false)
	case types.VirtualMachineRelocateTransformationFlat:
		b.ThinProvisioned = bp(false)
	}
	if locator == nil {
		return
	}
	if to, ok := locator.DiskBackingInfo.(*types.VirtualDiskFlatVer2BackingInfo); ok {
		if to.ThinProvisioned != nil {
			b.ThinProvisioned = to.ThinProvisioned
		}
		if to.EagerlyScrub != nil {
			b.EagerlyScrub = to.EagerlyScrub
		}
		if to.DiskMode != "" {
			b.DiskMode = to.DiskMode
		}
	}
}

func backingOf(d *types.VirtualDisk, ok bool) types.BaseVirtualDeviceBackingInfo {
	if !ok || d == nil {
		return nil
	}
	return d.Backing
}

func locatorOf(list []types.VirtualMachineRelocateSpecDiskLocator, key int32) *types.VirtualMachineRelocateSpecDiskLocator {
	for i := range list {
		if list[i].DiskId == key {
			return &list[i]
		}
	}
	return nil
}

// ignoredByClone are the parts of a clone's `config` that are not taken, as sim.clone of the source says: which of them
// vCenter takes is documented for none, and known of some.
func ignoredByClone(text string) map[string]bool {
	set := map[string]bool{}
	if list, ok := strings.CutPrefix(text, "ignores:"); ok {
		for _, part := range strings.Split(list, ",") {
			set[strings.TrimSpace(part)] = true
		}
	}
	return set
}

func cloneVM(ctx *simulator.Context, vm *simulator.VirtualMachine, into ref, name string, spec types.VirtualMachineCloneSpec) (types.AnyType, types.BaseMethodFault) {
	s := simOf(ctx)
	folder, ok := ctx.Map.Get(into).(*simulator.Folder)
	if !ok {
		return nil, &types.ManagedObjectNotFound{Obj: into}
	}
	src := vm.Config
	if spec.Snapshot != nil {
		snap, ok := ctx.Map.Get(*spec.Snapshot).(*simulator.VirtualMachineSnapshot)
		if !ok || snap.Vm != vm.Self {
			return nil, invalidArgument("spec.snapshot")
		}
		src = &snap.Config
	}
	pool := spec.Location.Pool
	if pool == nil {
		pool = vm.ResourcePool
	}
	host := spec.Location.Host
	if pool == nil && spec.Template { // a template to a template: the pool of its host will do for the moment
		h := host
		if h == nil {
			h = vm.Runtime.Host
		}
		if c := computeOf(ctx, ctx.Map.Get(*h).(*simulator.HostSystem)); c != nil {
			pool = c.ResourcePool
		}
	}
	if pool == nil {
		return nil, invalidArgument("spec.location.pool")
	}
	for _, l := range spec.Location.Disk {
		if _, ok := object.VirtualDeviceList(src.Hardware.Device).FindByKey(l.DiskId).(*types.VirtualDisk); !ok {
			return nil, invalidArgument("spec.location.disk.diskId")
		}
	}
	if host == nil && slices.Contains(hostsOf(ctx, *pool), *vm.Runtime.Host) && !vm.Config.Template {
		host = vm.Runtime.Host
	}

	storeName := func(r *ref) (string, types.BaseMethodFault) {
		ds, ok := ctx.Map.Get(*r).(*simulator.Datastore)
		if !ok {
			return "", &types.ManagedObjectNotFound{Obj: *r}
		}
		if datacenterOf(ctx, *r) != datacenterOf(ctx, into) {
			return "", &types.InvalidDatastore{Datastore: r, Name: ds.Name}
		}
		return ds.Name, nil
	}
	config := cloneConfig(src)
	config.Name = storedName(name)
	var home object.DatastorePath
	home.FromString(vm.Config.Files.VmPathName)
	if spec.Location.Datastore != nil {
		var bad types.BaseMethodFault
		if home.Datastore, bad = storeName(spec.Location.Datastore); bad != nil {
			return nil, bad
		}
	}
	home.Path = config.Name
	if spec.Config != nil && spec.Config.Files != nil {
		var p object.DatastorePath
		if !p.FromString(spec.Config.Files.VmPathName) || p.Datastore != home.Datastore {
			return nil, &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: p.Datastore}, DatastorePath: spec.Config.Files.VmPathName}
		}
		if dir := strings.Trim(p.Path, "/"); dir != "" {
			home.Path = dir
		}
	}
	config.Files = &types.VirtualMachineFileInfo{VmPathName: home.String()}
	vmProfile, diskProfiles := s.profiles.specsOf(vm.Self)
	config.VmProfile = vmProfile
	if spec.Location.Profile != nil {
		config.VmProfile = spec.Location.Profile
	}

	sizes := map[int32]int64{}
	for _, device := range copyDevices(src.Hardware.Device) {
		v := device.GetVirtualDevice()
		if _, video := device.(*types.VirtualMachineVideoCard); defaultDevice(v.Key) && !video {
			continue
		}
		change := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device}
		if v.DeviceInfo != nil {
			v.DeviceInfo.GetDescription().Summary = ""
		}
		switch d := device.(type) {
		case *types.VirtualDisk:
			change.Profile = diskProfiles[v.Key]
			b, ok := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
			if !ok {
				break // a raw device stays the same
			}
			locator := locatorOf(spec.Location.Disk, v.Key)
			move := spec.Location.DiskMoveType
			var old object.DatastorePath
			old.FromString(b.FileName)
			to := old.Datastore
			if spec.Location.Datastore != nil {
				to = home.Datastore
			}
			if locator != nil {
				var bad types.BaseMethodFault
				if to, bad = storeName(&locator.Datastore); bad != nil {
					return nil, bad
				}
				if locator.DiskMoveType != "" {
					move = locator.DiskMoveType
				}
				if len(locator.Profile) > 0 {
					change.Profile = locator.Profile
				}
			}
			n := *b
			n.Parent, n.Uuid, n.Datastore, n.FileName, n.ContentId = nil, "", nil, "["+to+"]", ""
			transformed(&n, spec.Location.Transform, locator)
			if move == string(types.VirtualMachineRelocateDiskMoveOptionsCreateNewChildDiskBacking) {
				n.Parent = b
				n.ThinProvisioned, n.EagerlyScrub = bp(true), bp(false)
				n.DeltaDiskFormat = "redoLogFormat"
				sizes[v.Key] = d.CapacityInBytes
			}
			d.Backing = &n
			d.VDiskId = nil
			change.FileOperation = types.VirtualDeviceConfigSpecFileOperationCreate
		case types.BaseVirtualEthernetCard:
			card := d.GetVirtualEthernetCard()
			if card.AddressType != string(types.VirtualEthernetCardMacTypeManual) {
				card.MacAddress, card.AddressType = "", ""
			}
			card.ExternalId = ""
			if b, ok := v.Backing.(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo); ok {
				b.Port.PortKey, b.Port.ConnectionCookie = "", 0
			}
		}
		config.DeviceChange = append(config.DeviceChange, change)
	}

	clone, bad := createVM(ctx, folder, config, *pool, host)
	if bad != nil {
		return nil, bad
	}
	fail := func(bad types.BaseMethodFault) (types.AnyType, types.BaseMethodFault) {
		_ = destroyVM(ctx, clone)
		return nil, bad
	}
	for _, d := range clone.Config.Hardware.Device {
		if disk, ok := d.(*types.VirtualDisk); ok && sizes[disk.Key] > 0 {
			disk.CapacityInBytes, disk.CapacityInKB = sizes[disk.Key], sizes[disk.Key]/1024
		}
	}
	change := types.VirtualMachineConfigSpec{}
	if spec.Config != nil {
		change = *spec.Config
		change.Name, change.Files, change.Version = "", nil, "" // UpgradeVM_Task is the way for the version
	}
	ignored := ignoredByClone(option(vm, keyClone))
	if ignored["settings"] { // all but what says which machine it is
		change = types.VirtualMachineConfigSpec{InstanceUuid: change.InstanceUuid, DeviceChange: change.DeviceChange, VmProfile: change.VmProfile}
	}
	change.DeviceChange = append(slices.Clone(spec.Location.DeviceChange), change.DeviceChange...)
	change.DeviceChange = slices.DeleteFunc(change.DeviceChange, func(c types.BaseVirtualDeviceConfigSpec) bool {
		switch d := c.GetVirtualDeviceConfigSpec().Device.(type) {
		case types.BaseVirtualEthernetCard:
			return ignored["nics"]
		case *types.VirtualDisk:
			if spec.Snapshot != nil && ignored["growth"] {
				if there, ok := object.VirtualDeviceList(clone.Config.Hardware.Device).FindByKey(d.Key).(*types.VirtualDisk); ok {
					d.CapacityInBytes, d.CapacityInKB = there.CapacityInBytes, there.CapacityInKB
				}
			}
			return ignored["disks"]
		default:
			return ignored["devices"]
		}
	})
	for _, c := range change.DeviceChange { // the files are those of the clone, whatever the device of the source says
		s := c.GetVirtualDeviceConfigSpec()
		d, ok := s.Device.(*types.VirtualDisk)
		if b, flat := backingOf(d, ok).(*types.VirtualDiskFlatVer2BackingInfo); flat && s.Operation == types.VirtualDeviceConfigSpecOperationEdit {
			n := *b
			n.FileName, n.Datastore, n.Parent = "", nil, nil
			d.Backing = &n
		}
	}
	if bad := reconfigureVM(ctx, clone, change); bad != nil {
		return fail(bad)
	}
	clone.CustomValue, clone.Value = slices.Clone(vm.CustomValue), slices.Clone(vm.Value)
	clone.Summary.CustomValue = slices.Clone(vm.Summary.CustomValue)
	s.post(ctx, &types.VmClonedEvent{VmCloneEvent: types.VmCloneEvent{VmEvent: vmEvent(clone)}, SourceVm: *vmEvent(vm).Vm})
	if spec.Template {
		(&xVM{clone}).MarkAsTemplate(ctx, &types.MarkAsTemplate{This: clone.Self})
		return clone.Self, nil
	}
	clone.Runtime.FeatureMask, clone.Summary.Runtime.FeatureMask = vm.Runtime.FeatureMask, vm.Runtime.FeatureMask
	if spec.Customization != nil {
		if bad := s.customizeNext(ctx, clone, spec.Customization); bad != nil {
			return fail(bad)
		}
	}
	if spec.PowerOn {
		// A task of its own, of which the clone does not hear: the machine is cloned whether it can be turned on or not.
		own := s.context()
		task(own, clone, "powerOn", func() (types.AnyType, types.BaseMethodFault) {
			res := (&xVM{clone}).PowerOnVMTask(own, &types.PowerOnVM_Task{This: clone.Self})
			if res.Fault() != nil {
				return nil, &types.InvalidState{}
			}
			return wait(own, res.(*methods.PowerOnVM_TaskBody).Res.Returnval)
		})
	}
	return clone.Self, nil
}

func (v *xVM) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "clone", func() (types.AnyType, types.BaseMethodFault) {
		return cloneVM(ctx, v.VirtualMachine, req.Folder, req.Name, req.Spec)
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: id}}
}

// addReference adds to a list what is not in it.
func addReference(list *[]ref, r ref) {
	if !slices.Contains(*list, r) {
		*list = append(*list, r)
	}
}

func moveToHost(ctx *simulator.Context, vm *simulator.VirtualMachine, to ref) {
	old := ctx.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	host := ctx.Map.Get(to).(*simulator.HostSystem)
	if old == host {
		return
	}
	ctx.Map.RemoveReference(ctx, old, &old.Vm, vm.Self)
	ctx.Map.AddReference(ctx, host, &host.Vm, vm.Self)
	if c := computeOf(ctx, host); c != nil && c.EnvironmentBrowser != nil {
		vm.EnvironmentBrowser = *c.EnvironmentBrowser
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "runtime.host", Val: &to}, {Name: "summary.runtime.host", Val: &to}})
}

// freeName is the first of name, name_1, … that is not there; both are local paths.
func freeName(dir, name, ext string) string {
	for n := 0; ; n++ {
		try := name + ext
		if n > 0 {
			try = fmt.Sprintf("%s_%d%s", name, n, ext)
		}
		if _, err := os.Stat(path.Join(dir, try)); os.IsNotExist(err) {
			return try
		}
	}
}

// moveDisk moves the files of a disk into a folder of a datastore, under the name of the machine.
func moveDisk(ctx *simulator.Context, s *sim, dc *simulator.Datacenter, vm *simulator.VirtualMachine, info *types.VirtualDeviceFileBackingInfo, ds *simulator.Datastore, folder string, child bool) {
	from := localPath(ctx, dc, info.FileName)
	dir := path.Join(ds.Summary.Url, folder)
	_ = os.MkdirAll(dir, 0o700)
	name := freeName(dir, vm.Name, ".vmdk")
	if child {
		name = path.Base(from)
		if _, err := os.Stat(path.Join(dir, name)); err == nil {
			name = freeName(dir, strings.TrimSuffix(name, ".vmdk"), ".vmdk")
		}
	}
	to := path.Join(dir, name)
	_ = os.Rename(from, to)
	_ = os.Rename(simulator.VirtualDiskBackingFileName(from), simulator.VirtualDiskBackingFileName(to))
	_ = os.Remove(path.Dir(from)) // when it is empty
	file := object.DatastorePath{Datastore: ds.Name, Path: path.Join(folder, name)}
	for _, m := range []*sync.Map{&s.diskCap, &s.diskUUID} {
		if v, ok := m.LoadAndDelete(fileKey(info.FileName)); ok {
			m.Store(file.String(), v)
		}
	}
	self := ds.Self
	info.FileName, info.Datastore = file.String(), &self
}

// relocateVM moves a machine: to a host, a pool, a folder, a datastore, single disks to other datastores.
func relocateVM(ctx *simulator.Context, vm *simulator.VirtualMachine, spec types.VirtualMachineRelocateSpec) types.BaseMethodFault {
	s := simOf(ctx)
	dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	if dc == nil {
		return &types.ManagedObjectNotFound{Obj: vm.Self}
	}
	profiles := [][]types.BaseVirtualMachineProfileSpec{spec.Profile}
	for _, l := range spec.Disk {
		profiles = append(profiles, l.Profile)
	}
	if bad := s.checkProfiles(profiles...); bad != nil {
		return bad
	}
	pool := vm.ResourcePool
	if spec.Pool != nil {
		if poolOf(ctx.Map.Get(*spec.Pool)) == nil {
			return &types.ManagedObjectNotFound{Obj: *spec.Pool}
		}
		if !vm.Config.Template {
			pool = spec.Pool
		}
	}
	hostRef := *vm.Runtime.Host
	if spec.Host != nil {
		if _, ok := ctx.Map.Get(*spec.Host).(*simulator.HostSystem); !ok {
			return &types.ManagedObjectNotFound{Obj: *spec.Host}
		}
		hostRef = *spec.Host
	}
	if pool != nil {
		if hosts := hostsOf(ctx, *pool); !slices.Contains(hosts, hostRef) {
			switch {
			case spec.Host != nil && spec.Pool != nil:
				return invalidArgument("spec.host")
			case spec.Host != nil: // to another cluster
				return invalidArgument("spec.pool")
			case len(hosts) == 0:
				return invalidArgument("spec.pool")
			}
			hostRef = hosts[0]
		}
	}
	host := ctx.Map.Get(hostRef).(*simulator.HostSystem)
	if hostRef != *vm.Runtime.Host && host.Runtime.InMaintenanceMode {
		return &types.InvalidState{}
	}
	if vm.Runtime.PowerState == types.VirtualMachinePowerStateSuspended && hostRef != *vm.Runtime.Host && len(spec.DeviceChange) > 0 {
		return &types.InvalidPowerState{ExistingState: vm.Runtime.PowerState, RequestedState: types.VirtualMachinePowerStatePoweredOff}
	}
	store := func(r ref, property string) (*simulator.Datastore, types.BaseMethodFault) {
		ds, ok := ctx.Map.Get(r).(*simulator.Datastore)
		if !ok {
			return nil, &types.ManagedObjectNotFound{Obj: r}
		}
		if simulator.FindReference(host.Datastore, r) == nil {
			return nil, invalidArgument(property)
		}
		return ds, nil
	}

	// Where everything goes, before anything does.
	devices := copyDevices(vm.Config.Hardware.Device)
	list := object.VirtualDeviceList(devices)
	for _, l := range spec.Disk {
		if _, ok := list.FindByKey(l.DiskId).(*types.VirtualDisk); !ok {
			return invalidArgument("spec.disk.diskId")
		}
	}
	var home object.DatastorePath
	home.FromString(vm.Config.Files.VmPathName)
	var homeStore *simulator.Datastore
	if spec.Datastore != nil {
		ds, bad := store(*spec.Datastore, "spec.datastore")
		if bad != nil {
			return bad
		}
		if ds.Name != home.Datastore {
			homeStore = ds
		}
	} else if ds, ok := ctx.Map.FindByName(home.Datastore, dc.Datastore).(*simulator.Datastore); ok {
		if _, bad := store(ds.Self, "spec.datastore"); bad != nil {
			return bad // the new host does not see it
		}
	}
	targets := map[int32]*simulator.Datastore{}
	for _, d := range list.SelectByType((*types.VirtualDisk)(nil)) {
		disk := d.(*types.VirtualDisk)
		b, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		if l := locatorOf(spec.Disk, disk.Key); l != nil {
			ds, bad := store(l.Datastore, "spec.disk.datastore")
			if bad != nil {
				return bad
			}
			targets[disk.Key] = ds
		} else if spec.Datastore != nil {
			targets[disk.Key], _ = ctx.Map.Get(*spec.Datastore).(*simulator.Datastore)
		} else if r := b.GetVirtualDeviceFileBackingInfo().Datastore; r != nil {
			if _, bad := store(*r, "spec.disk.datastore"); bad != nil {
				return bad
			}
		}
	}
	if spec.Folder != nil && *spec.Folder != *vm.Parent {
		f, ok := ctx.Map.Get(*spec.Folder).(*simulator.Folder)
		if !ok {
			return &types.ManagedObjectNotFound{Obj: *spec.Folder}
		}
		if bad := (&xFolder{f}).canTake(ctx, vm.Self); bad != nil {
			return bad
		}
		parent := ctx.Map.Get(*vm.Parent)
		ctx.Map.RemoveReference(ctx, parent, childrenOf(parent), vm.Self)
		ctx.Map.AppendReference(ctx, f, &f.ChildEntity, vm.Self)
		self := f.Self
		vm.Parent = &self
	}

	event := types.VmMigratedEvent{VmEvent: vmEvent(vm)}
	moveToHost(ctx, vm, hostRef)
	if pool != nil && (vm.ResourcePool == nil || *pool != *vm.ResourcePool) {
		if vm.ResourcePool != nil {
			if p := poolOf(ctx.Map.Get(*vm.ResourcePool)); p != nil {
				ctx.Map.RemoveReference(ctx, ctx.Map.Get(p.Self), &p.Vm, vm.Self)
			}
		}
		p := poolOf(ctx.Map.Get(*pool))
		ctx.Map.AddReference(ctx, ctx.Map.Get(p.Self), &p.Vm, vm.Self)
		to := *pool
		vm.ResourcePool = &to
		intoVApp(ctx, vm, to)
	}
	moved := false
	files := vm.Config.Files
	if homeStore != nil {
		dirName := freeName(homeStore.Summary.Url, vm.Name, "")
		from, to := path.Dir(localPath(ctx, dc, files.VmPathName)), path.Join(homeStore.Summary.Url, dirName)
		_ = os.MkdirAll(to, 0o700)
		entries, _ := os.ReadDir(from)
		for _, e := range entries {
			name := e.Name()
			switch ext := filepath.Ext(name); ext {
			case ".vmdk": // goes with its disk, or stays
				continue
			case ".vmx", ".nvram":
				name = vm.Name + ext
			}
			_ = os.Rename(path.Join(from, e.Name()), path.Join(to, name))
		}
		dir := object.DatastorePath{Datastore: homeStore.Name, Path: dirName}
		files.VmPathName = (&object.DatastorePath{Datastore: homeStore.Name, Path: path.Join(dirName, vm.Name+".vmx")}).String()
		files.SnapshotDirectory, files.SuspendDirectory, files.LogDirectory = dir.String(), dir.String(), dir.String()
		home = dir
		moved = true
		defer func() { _ = os.Remove(from) }()
	} else {
		home.Path = path.Dir(home.Path)
	}
	for _, d := range list.SelectByType((*types.VirtualDisk)(nil)) {
		disk := d.(*types.VirtualDisk)
		ds := targets[disk.Key]
		if ds == nil {
			continue
		}
		info := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo()
		if flat, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
			transformed(flat, spec.Transform, locatorOf(spec.Disk, disk.Key))
			moved = true
		}
		if info.Datastore != nil && *info.Datastore == ds.Self {
			continue
		}
		folder := home.Path
		if ds.Name != home.Datastore {
			folder = vm.Name
		}
		chain, isFlat := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		var own []*types.VirtualDeviceFileBackingInfo // the disk and what it is a child of, in its folder
		for b := chain; isFlat && b != nil; b = b.Parent {
			own = append(own, &b.VirtualDeviceFileBackingInfo)
			if b.Parent != nil && dirOf(b.Parent.FileName) != dirOf(b.FileName) {
				break
			}
		}
		if !isFlat {
			own = append(own, info)
		}
		for i, b := range slices.Backward(own) { // the oldest gets the plain name
			was := b.FileName
			moveDisk(ctx, s, dc, vm, b, ds, folder, i < len(own)-1)
			for _, o := range ctx.Map.AllReference("VirtualMachineSnapshot") {
				if snap, ok := o.(*simulator.VirtualMachineSnapshot); ok && snap.Vm == vm.Self {
					for _, c := range flatDisks(&snap.Config) {
						for ; c != nil; c = c.Parent {
							if c.FileName == was {
								c.FileName, c.Datastore = b.FileName, b.Datastore
							}
						}
					}
				}
			}
		}
	}
	if moved {
		// The list of files is rebuilt from the paths, which the simulator never changes.
		vm.Layout, vm.LayoutEx = &types.VirtualMachineFileLayout{}, &types.VirtualMachineFileLayoutEx{}
		for _, r := range vm.Datastore {
			if ds, ok := ctx.Map.Get(r).(*simulator.Datastore); ok {
				ctx.Map.RemoveReference(ctx, ds, &ds.Vm, vm.Self)
			}
		}
		vm.Datastore = nil
		ctx.Update(vm, []types.PropertyChange{
			{Name: "config.files", Val: files}, {Name: "summary.config.vmPathName", Val: files.VmPathName}, {Name: "config.hardware.device", Val: devices},
		})
		s.useStores(ctx, dc, vm)
		settleDevices(s, vm, keysOf(devices))
		vm.RefreshStorageInfo(ctx, &types.RefreshStorageInfo{This: vm.Self})
	}
	if len(spec.DeviceChange) > 0 {
		if bad := reconfigureVM(ctx, vm, types.VirtualMachineConfigSpec{DeviceChange: spec.DeviceChange}); bad != nil {
			return bad
		}
	}
	disks := map[int32][]types.BaseVirtualMachineProfileSpec{}
	for _, l := range spec.Disk {
		if l.Profile != nil {
			disks[l.DiskId] = l.Profile
		}
	}
	s.rememberProfiles(vm.Self, spec.Profile, disks)
	s.post(ctx, &event)
	return nil
}

// useStores fills in the datastores that a machine's files are on.
func (s *sim) useStores(ctx *simulator.Context, dc *simulator.Datacenter, vm *simulator.VirtualMachine) {
	files := []string{vm.Config.Files.VmPathName}
	for _, d := range vm.Config.Hardware.Device {
		if b, ok := d.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			files = append(files, b.GetVirtualDeviceFileBackingInfo().FileName)
		}
	}
	for _, f := range files {
		var p object.DatastorePath
		if !p.FromString(f) {
			continue
		}
		if ds, ok := ctx.Map.FindByName(p.Datastore, dc.Datastore).(*simulator.Datastore); ok {
			addReference(&vm.Datastore, ds.Self)
			ctx.Map.AddReference(ctx, ds, &ds.Vm, vm.Self)
		}
	}
}

func (v *xVM) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "relocate", func() (types.AnyType, types.BaseMethodFault) {
		return nil, relocateVM(ctx, v.VirtualMachine, req.Spec)
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: id}}
}
