package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// A snapshot freezes the disks: the machine goes on with a child of each, name-000001.vmdk. Removing one merges the child
// into the disk that it had frozen; reverting begins a new child, and the hardware is that of the snapshot again. The
// simulator leaves disks and hardware as they are.

// flatDisks are the disks of a configuration that take part in snapshots.
func flatDisks(c *types.VirtualMachineConfigInfo) map[int32]*types.VirtualDiskFlatVer2BackingInfo {
	disks := map[int32]*types.VirtualDiskFlatVer2BackingInfo{}
	for _, d := range c.Hardware.Device {
		if disk, ok := d.(*types.VirtualDisk); ok {
			if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok && !strings.HasPrefix(b.DiskMode, "independent") {
				disks[disk.Key] = b
			}
		}
	}
	return disks
}

func dirOf(file string) string {
	var p object.DatastorePath
	p.FromString(file)
	p.Path = path.Dir(p.Path)
	return p.String()
}

// newChild begins a child of a disk, with a file beside it.
func newChild(ctx *simulator.Context, dc *simulator.Datacenter, b *types.VirtualDiskFlatVer2BackingInfo) *types.VirtualDiskFlatVer2BackingInfo {
	child := *b
	child.Parent = b
	child.ThinProvisioned, child.EagerlyScrub = bp(true), bp(false)
	child.DeltaDiskFormat = "redoLogFormat"
	root := b
	for root.Parent != nil && dirOf(root.Parent.FileName) == dirOf(root.FileName) {
		root = root.Parent
	}
	stem := strings.TrimSuffix(root.FileName, ".vmdk")
	for n := 1; ; n++ {
		child.FileName = fmt.Sprintf("%s-%06d.vmdk", stem, n)
		if _, err := os.Stat(localPath(ctx, dc, child.FileName)); os.IsNotExist(err) {
			break
		}
	}
	to := localPath(ctx, dc, child.FileName)
	text, _ := os.ReadFile(localPath(ctx, dc, b.FileName))
	_ = os.WriteFile(to, text, 0o600)
	_ = os.WriteFile(simulator.VirtualDiskBackingFileName(to), nil, 0o600)
	return &child
}

func removeDisk(ctx *simulator.Context, dc *simulator.Datacenter, file string) {
	local := localPath(ctx, dc, file)
	_ = os.Remove(local)
	_ = os.Remove(simulator.VirtualDiskBackingFileName(local))
	s := simOf(ctx)
	s.diskCap.Delete(fileKey(file))
	s.diskUUID.Delete(fileKey(file))
}

func refreshFiles(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	settleDevices(simOf(ctx), vm, keysOf(vm.Config.Hardware.Device))
	vm.RefreshStorageInfo(ctx, &types.RefreshStorageInfo{This: vm.Self})
}

func keysOf(list []types.BaseVirtualDevice) (keys []int32) {
	for _, d := range list {
		keys = append(keys, d.GetVirtualDevice().Key)
	}
	return keys
}

// freeze goes on with a child of every disk.
func freeze(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	if dc == nil {
		return
	}
	devices := copyDevices(vm.Config.Hardware.Device)
	for _, d := range devices {
		if disk, ok := d.(*types.VirtualDisk); ok {
			if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok && !strings.HasPrefix(b.DiskMode, "independent") {
				disk.Backing = newChild(ctx, dc, b)
			}
		}
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "config.hardware.device", Val: devices}})
	refreshFiles(ctx, vm)
}

func (v *xVM) CreateSnapshotTask(ctx *simulator.Context, req *types.CreateSnapshot_Task) soap.HasFault {
	req.Name = storedName(req.Name)
	ex := &types.CreateSnapshotEx_Task{This: req.This, Name: req.Name, Description: req.Description, Memory: req.Memory}
	if req.Quiesce {
		ex.QuiesceSpec = &types.VirtualMachineGuestQuiesceSpec{}
	}
	return &methods.CreateSnapshot_TaskBody{Res: &types.CreateSnapshot_TaskResponse{Returnval: v.takeSnapshot(ctx, ex)}}
}

func (v *xVM) CreateSnapshotExTask(ctx *simulator.Context, req *types.CreateSnapshotEx_Task) soap.HasFault {
	return &methods.CreateSnapshotEx_TaskBody{Res: &types.CreateSnapshotEx_TaskResponse{Returnval: v.takeSnapshot(ctx, req)}}
}

func (v *xVM) takeSnapshot(ctx *simulator.Context, req *types.CreateSnapshotEx_Task) ref {
	return task(ctx, v.VirtualMachine, "createSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		if v.Config.Template {
			return nil, &types.NotSupported{}
		}
		if req.Name == "" || len(req.Name) > 80 {
			return nil, &types.InvalidName{Name: req.Name}
		}
		if v.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			req.Memory = false // there is none
		}
		res := v.VirtualMachine.CreateSnapshotExTask(ctx, req)
		result, bad := wait(ctx, res.(*methods.CreateSnapshotEx_TaskBody).Res.Returnval)
		if bad != nil {
			return nil, bad
		}
		freeze(ctx, v.VirtualMachine)
		return result, nil
	})
}

// chains calls f for every disk of the machine and of its snapshots.
func chains(ctx *simulator.Context, vm *simulator.VirtualMachine, f func(b *types.VirtualDiskFlatVer2BackingInfo)) {
	config := func(c *types.VirtualMachineConfigInfo) {
		for _, d := range c.Hardware.Device {
			if disk, ok := d.(*types.VirtualDisk); ok {
				if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
					f(b)
				}
			}
		}
	}
	config(vm.Config)
	for _, o := range ctx.Map.AllReference("VirtualMachineSnapshot") {
		if s, ok := o.(*simulator.VirtualMachineSnapshot); ok && s.Vm == vm.Self {
			config(&s.Config)
		}
	}
}

// diskUse has the files of each virtual machine's disks and of their parents: another virtual machine may not be read
// without its lock.
type diskUse struct {
	mu    sync.Mutex
	files map[ref][]string
}

func (u *diskUse) note(vm ref, files []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.files == nil {
		u.files = map[ref][]string{}
	}
	if u.files[vm] = files; files == nil {
		delete(u.files, vm)
	}
}

func (u *diskUse) byOthers(vm ref, file string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for other, files := range u.files {
		if other != vm && slices.Contains(files, file) {
			return true
		}
	}
	return false
}

// mergeDeltas merges, after a snapshot is deleted, the only child of each disk that it had frozen into that disk. A disk with
// more children, or with a child of another machine, stays as it is; one without goes.
func mergeDeltas(ctx *simulator.Context, vm *simulator.VirtualMachine, deleted *types.VirtualMachineConfigInfo) {
	dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	if dc == nil {
		return
	}
	for _, frozen := range flatDisks(deleted) {
		file := frozen.FileName
		children, used := map[string]bool{}, simOf(ctx).diskUse.byOthers(vm.Self, file)
		chains(ctx, vm, func(b *types.VirtualDiskFlatVer2BackingInfo) {
			used = used || b.FileName == file
			for ; b.Parent != nil; b = b.Parent {
				if b.Parent.FileName == file {
					children[b.FileName] = true
				}
			}
		})
		if used || len(children) > 1 {
			continue
		}
		if len(children) == 0 {
			if frozen.Parent != nil { // a branch that is no longer in use
				removeDisk(ctx, dc, file)
			}
			continue
		}
		var child string
		for child = range children {
		}
		if simOf(ctx).diskUse.byOthers(vm.Self, child) {
			continue
		}
		removeDisk(ctx, dc, child)
		chains(ctx, vm, func(b *types.VirtualDiskFlatVer2BackingInfo) {
			for ; b != nil; b = b.Parent {
				if b.FileName == child {
					b.FileName, b.Parent, b.DeltaDiskFormat = file, frozen.Parent, frozen.DeltaDiskFormat
					b.ThinProvisioned, b.EagerlyScrub = frozen.ThinProvisioned, frozen.EagerlyScrub
				}
			}
		})
	}
}

func (v *xVM) RemoveAllSnapshotsTask(ctx *simulator.Context, req *types.RemoveAllSnapshots_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "removeAllSnapshots", func() (types.AnyType, types.BaseMethodFault) {
		var deleted []*types.VirtualMachineConfigInfo
		if v.Snapshot != nil {
			var walk func(list []types.VirtualMachineSnapshotTree)
			walk = func(list []types.VirtualMachineSnapshotTree) {
				for _, t := range list {
					if s, ok := ctx.Map.Get(t.Snapshot).(*simulator.VirtualMachineSnapshot); ok {
						deleted = append(deleted, &s.Config)
					}
					walk(t.ChildSnapshotList)
				}
			}
			walk(v.Snapshot.RootSnapshotList)
		}
		res := v.VirtualMachine.RemoveAllSnapshotsTask(ctx, req)
		if _, bad := wait(ctx, res.(*methods.RemoveAllSnapshots_TaskBody).Res.Returnval); bad != nil {
			return nil, bad
		}
		slices.Reverse(deleted) // the leaves first
		for range 2 {           // unused branches first, then their parents
			for _, c := range deleted {
				mergeDeltas(ctx, v.VirtualMachine, c)
			}
		}
		refreshFiles(ctx, v.VirtualMachine)
		return nil, nil
	})
	return &methods.RemoveAllSnapshots_TaskBody{Res: &types.RemoveAllSnapshots_TaskResponse{Returnval: id}}
}

// revert takes a machine back to a snapshot: its hardware, its options, and a new child of its disks. The name stays.
func revert(ctx *simulator.Context, vm *simulator.VirtualMachine, to ref, suppressPowerOn bool) types.BaseMethodFault {
	snap, ok := ctx.Map.Get(to).(*simulator.VirtualMachineSnapshot)
	dc, _ := ctx.Map.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	if !ok || dc == nil || vm.Snapshot == nil {
		return &types.NotFound{}
	}
	state := types.VirtualMachinePowerStatePoweredOff
	var find func(list []types.VirtualMachineSnapshotTree)
	find = func(list []types.VirtualMachineSnapshotTree) {
		for _, t := range list {
			if t.Snapshot == to {
				state = t.State
			}
			find(t.ChildSnapshotList)
		}
	}
	find(vm.Snapshot.RootSnapshotList)
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		if _, bad := wait(ctx, vm.PowerOffVMTask(ctx, &types.PowerOffVM_Task{This: vm.Self}).(*methods.PowerOffVM_TaskBody).Res.Returnval); bad != nil {
			return bad
		}
	}
	needed := map[string]bool{} // by snapshots
	chains(ctx, vm, func(b *types.VirtualDiskFlatVer2BackingInfo) {
		for b = b.Parent; b != nil; b = b.Parent {
			needed[b.FileName] = true
		}
	})
	for _, b := range flatDisks(vm.Config) {
		if b.Parent != nil && !needed[b.FileName] && !simOf(ctx).diskUse.byOthers(vm.Self, b.FileName) {
			removeDisk(ctx, dc, b.FileName)
		}
	}
	config := deepCopy(snap.Config)
	config.Name, config.Files, config.Template = vm.Config.Name, vm.Config.Files, false
	for _, d := range config.Hardware.Device {
		if disk, ok := d.(*types.VirtualDisk); ok {
			if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok && !strings.HasPrefix(b.DiskMode, "independent") {
				disk.Backing = newChild(ctx, dc, b)
			}
		}
	}
	vm.Summary.Config.NumCpu, vm.Summary.Config.MemorySizeMB = config.Hardware.NumCPU, config.Hardware.MemoryMB
	ctx.Update(vm, []types.PropertyChange{{Name: "config", Val: &config}, {Name: "snapshot.currentSnapshot", Val: to}})
	refreshFiles(ctx, vm)
	if state == types.VirtualMachinePowerStatePoweredOn && !suppressPowerOn {
		_, bad := wait(ctx, vm.PowerOnVMTask(ctx, &types.PowerOnVM_Task{This: vm.Self}).(*methods.PowerOnVM_TaskBody).Res.Returnval)
		return bad
	}
	return nil
}

func (x *xSnapshot) RevertToSnapshotTask(ctx *simulator.Context, req *types.RevertToSnapshot_Task) soap.HasFault {
	vm, ok := ctx.Map.Get(x.Vm).(*simulator.VirtualMachine)
	if !ok {
		return &methods.RevertToSnapshot_TaskBody{Fault_: fault(&types.ManagedObjectNotFound{Obj: x.Self})}
	}
	id := task(ctx, vm, "revertToSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		return nil, revert(ctx, vm, x.Self, req.SuppressPowerOn != nil && *req.SuppressPowerOn)
	})
	return &methods.RevertToSnapshot_TaskBody{Res: &types.RevertToSnapshot_TaskResponse{Returnval: id}}
}

func (v *xVM) RevertToCurrentSnapshotTask(ctx *simulator.Context, req *types.RevertToCurrentSnapshot_Task) soap.HasFault {
	if v.Snapshot == nil || v.Snapshot.CurrentSnapshot == nil {
		return &methods.RevertToCurrentSnapshot_TaskBody{Fault_: fault(&types.NotFound{})}
	}
	to := *v.Snapshot.CurrentSnapshot
	id := task(ctx, v.VirtualMachine, "revertToCurrentSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		return nil, revert(ctx, v.VirtualMachine, to, req.SuppressPowerOn != nil && *req.SuppressPowerOn)
	})
	return &methods.RevertToCurrentSnapshot_TaskBody{Res: &types.RevertToCurrentSnapshot_TaskResponse{Returnval: id}}
}

// RenameSnapshot: the simulator lacks it. Names are not unique; a template's can be renamed, too.
func (x *xSnapshot) RenameSnapshot(ctx *simulator.Context, req *types.RenameSnapshot) soap.HasFault {
	vm, ok := ctx.Map.Get(x.VirtualMachineSnapshot.Vm).(*simulator.VirtualMachine)
	if !ok || vm.Snapshot == nil {
		return &methods.RenameSnapshotBody{Fault_: fault(&types.ManagedObjectNotFound{Obj: req.This})}
	}
	if len(req.Name) > 80 {
		return &methods.RenameSnapshotBody{Fault_: fault(&types.InvalidName{Name: req.Name, Entity: &vm.Self})}
	}
	ctx.WithLock(vm, func() {
		var rename func(list []types.VirtualMachineSnapshotTree)
		rename = func(list []types.VirtualMachineSnapshotTree) {
			for i := range list {
				if list[i].Snapshot == req.This {
					list[i].Name = cmp.Or(req.Name, list[i].Name)
					list[i].Description = cmp.Or(req.Description, list[i].Description)
				}
				rename(list[i].ChildSnapshotList)
			}
		}
		roots := deepCopy(vm.Snapshot.RootSnapshotList)
		rename(roots)
		ctx.Update(vm, []types.PropertyChange{{Name: "snapshot.rootSnapshotList", Val: roots}})
	})
	return &methods.RenameSnapshotBody{Res: new(types.RenameSnapshotResponse)}
}

// xSnapshot: removing the current snapshot, a root with children, makes the simulator panic.
type xSnapshot struct {
	*simulator.VirtualMachineSnapshot
}

func (x *xSnapshot) RemoveSnapshotTask(ctx *simulator.Context, req *types.RemoveSnapshot_Task) soap.HasFault {
	vm, ok := ctx.Map.Get(x.Vm).(*simulator.VirtualMachine)
	if !ok {
		return &methods.RemoveSnapshot_TaskBody{Fault_: fault(&types.ManagedObjectNotFound{Obj: x.Self})}
	}
	id := task(ctx, vm, "removeSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		if vm.Snapshot == nil {
			return nil, &types.NotFound{}
		}
		var below []ref // the snapshots that go
		var collect func(t types.VirtualMachineSnapshotTree)
		collect = func(t types.VirtualMachineSnapshotTree) {
			below = append(below, t.Snapshot)
			for _, c := range t.ChildSnapshotList {
				collect(c)
			}
		}
		var parent *ref
		var prune func(list []types.VirtualMachineSnapshotTree, up *ref) []types.VirtualMachineSnapshotTree
		prune = func(list []types.VirtualMachineSnapshotTree, up *ref) []types.VirtualMachineSnapshotTree {
			var out []types.VirtualMachineSnapshotTree
			for _, t := range list {
				if t.Snapshot == x.Self {
					parent = up
					if req.RemoveChildren {
						collect(t)
					} else {
						below = []ref{x.Self}
						out = append(out, t.ChildSnapshotList...)
					}
					continue
				}
				self := t.Snapshot
				t.ChildSnapshotList = prune(t.ChildSnapshotList, &self)
				out = append(out, t)
			}
			return out
		}
		tree := prune(slices.Clone(vm.Snapshot.RootSnapshotList), nil)
		info := &types.VirtualMachineSnapshotInfo{RootSnapshotList: tree, CurrentSnapshot: vm.Snapshot.CurrentSnapshot}
		if c := info.CurrentSnapshot; c != nil && slices.Contains(below, *c) {
			info.CurrentSnapshot = parent
		}
		if parent != nil {
			if p, ok := ctx.Map.Get(*parent).(*simulator.VirtualMachineSnapshot); ok {
				simulator.RemoveReference(&p.ChildSnapshot, x.Self)
				if !req.RemoveChildren {
					p.ChildSnapshot = append(p.ChildSnapshot, x.ChildSnapshot...)
				}
			}
		}
		var roots []ref
		for _, t := range tree {
			roots = append(roots, t.Snapshot)
		}
		vm.Layout.Snapshot = slices.DeleteFunc(vm.Layout.Snapshot, func(l types.VirtualMachineFileLayoutSnapshotLayout) bool { return slices.Contains(below, l.Key) })
		vm.LayoutEx.Snapshot = slices.DeleteFunc(vm.LayoutEx.Snapshot, func(l types.VirtualMachineFileLayoutExSnapshotLayout) bool { return slices.Contains(below, l.Key) })
		if len(tree) == 0 {
			ctx.Update(vm, []types.PropertyChange{{Name: "snapshot", Val: nil}, {Name: "rootSnapshot", Val: nil}})
		} else {
			ctx.Update(vm, []types.PropertyChange{{Name: "snapshot", Val: info}, {Name: "rootSnapshot", Val: roots}})
		}
		var deleted []*types.VirtualMachineConfigInfo
		for _, r := range below {
			if s, ok := ctx.Map.Get(r).(*simulator.VirtualMachineSnapshot); ok {
				deleted = append(deleted, &s.Config)
			}
			ctx.Map.Remove(ctx, r)
		}
		slices.Reverse(deleted) // the youngest first
		for _, c := range deleted {
			mergeDeltas(ctx, vm, c)
		}
		refreshFiles(ctx, vm)
		return nil, nil
	})
	return &methods.RemoveSnapshot_TaskBody{Res: &types.RemoveSnapshot_TaskResponse{Returnval: id}}
}
