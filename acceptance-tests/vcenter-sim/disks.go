package main

import (
	"reflect"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// VirtualDiskManager: sizes and provisioning are kept, and a disk of a virtual machine that is on is locked.
type xVDM struct{ *simulator.VirtualDiskManager }

// diskMaps have what is known of disks, by the path.
func diskMaps(s *sim) []*sync.Map { return []*sync.Map{&s.diskCap, &s.diskType, &s.diskUUID} }

// locked says whether a virtual machine that is on holds the disk.
func locked(ctx *simulator.Context, name string) bool {
	name = fileKey(name)
	for _, e := range ctx.Map.All("VirtualMachine") {
		held := false
		ctx.WithLock(e, func() {
			vm := e.(mo.Reference)
			v, ok := ctx.Map.Get(vm.Reference()).(*simulator.VirtualMachine)
			if !ok || v.Config == nil || v.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
				return
			}
			for _, d := range v.Config.Hardware.Device {
				if b, ok := d.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
					held = held || fileKey(b.GetVirtualDeviceFileBackingInfo().FileName) == name
				}
			}
		})
		if held {
			return true
		}
	}
	return false
}

// run does one thing in a task: nothing when the disk is locked, and something more when it went well.
func (m *xVDM) run(ctx *simulator.Context, what, name string, inner func() *types.ManagedObjectReference, after func()) types.ManagedObjectReference {
	return task(ctx, m.VirtualDiskManager, what, func() (types.AnyType, types.BaseMethodFault) {
		if locked(ctx, name) {
			return nil, &types.FileLocked{FileFault: types.FileFault{File: name}}
		}
		ref := inner()
		if ref == nil {
			return nil, &types.SystemError{Reason: what}
		}
		t := ctx.Map.Get(*ref).(*simulator.Task)
		t.Wait()
		if t.Info.Error != nil {
			return nil, t.Info.Error.Fault
		}
		after()
		return nil, nil
	})
}

func (m *xVDM) CreateVirtualDiskTask(ctx *simulator.Context, req *types.CreateVirtualDisk_Task) soap.HasFault {
	id := m.run(ctx, "createVirtualDisk", req.Name, func() *types.ManagedObjectReference {
		return &m.VirtualDiskManager.CreateVirtualDiskTask(ctx, req).(*methods.CreateVirtualDisk_TaskBody).Res.Returnval
	}, func() {
		if sp, ok := req.Spec.(types.BaseFileBackedVirtualDiskSpec); ok {
			f := sp.GetFileBackedVirtualDiskSpec()
			simOf(ctx).diskCap.Store(fileKey(req.Name), f.CapacityKb)
			simOf(ctx).diskType.Store(fileKey(req.Name), f.DiskType)
		}
	})
	return &methods.CreateVirtualDisk_TaskBody{Res: &types.CreateVirtualDisk_TaskResponse{Returnval: id}}
}

func (m *xVDM) ExtendVirtualDiskTask(ctx *simulator.Context, req *types.ExtendVirtualDisk_Task) soap.HasFault {
	id := m.run(ctx, "extendVirtualDisk", req.Name, func() *types.ManagedObjectReference {
		return &m.VirtualDiskManager.ExtendVirtualDiskTask(ctx, req).(*methods.ExtendVirtualDisk_TaskBody).Res.Returnval
	}, func() {
		simOf(ctx).diskCap.Store(fileKey(req.Name), req.NewCapacityKb)
	})
	return &methods.ExtendVirtualDisk_TaskBody{Res: &types.ExtendVirtualDisk_TaskResponse{Returnval: id}}
}

func (m *xVDM) DeleteVirtualDiskTask(ctx *simulator.Context, req *types.DeleteVirtualDisk_Task) soap.HasFault {
	id := m.run(ctx, "deleteVirtualDisk", req.Name, func() *types.ManagedObjectReference {
		return &m.VirtualDiskManager.DeleteVirtualDiskTask(ctx, req).(*methods.DeleteVirtualDisk_TaskBody).Res.Returnval
	}, func() {
		for _, m := range diskMaps(simOf(ctx)) {
			m.Delete(fileKey(req.Name))
		}
	})
	return &methods.DeleteVirtualDisk_TaskBody{Res: &types.DeleteVirtualDisk_TaskResponse{Returnval: id}}
}

func (m *xVDM) MoveVirtualDiskTask(ctx *simulator.Context, req *types.MoveVirtualDisk_Task) soap.HasFault {
	id := m.run(ctx, "moveVirtualDisk", req.SourceName, func() *types.ManagedObjectReference {
		return &m.VirtualDiskManager.MoveVirtualDiskTask(ctx, req).(*methods.MoveVirtualDisk_TaskBody).Res.Returnval
	}, func() {
		for _, m := range diskMaps(simOf(ctx)) {
			m.Delete(fileKey(req.DestName))
			if v, ok := m.LoadAndDelete(fileKey(req.SourceName)); ok {
				m.Store(fileKey(req.DestName), v)
			}
		}
	})
	return &methods.MoveVirtualDisk_TaskBody{Res: &types.MoveVirtualDisk_TaskResponse{Returnval: id}}
}

// QueryVirtualDiskInfoTask answers with the type that the disk was made with; the simulator's own answer is always
// "thin". The types of this method are internal to govmomi: hence the reflection.
func (m *xVDM) QueryVirtualDiskInfoTask(ctx *simulator.Context, req any) soap.HasFault {
	inner := reflect.ValueOf(m.VirtualDiskManager).MethodByName("QueryVirtualDiskInfoTask")
	body := inner.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(req)})[0].Interface().(soap.HasFault)
	res := reflect.ValueOf(body).Elem().FieldByName("Res")
	made, ok := simOf(ctx).diskType.Load(fileKey(reflect.ValueOf(req).Elem().FieldByName("Name").String()))
	if res.IsNil() || !ok {
		return body
	}
	t := ctx.Map.Get(res.Elem().FieldByName("Returnval").Interface().(types.ManagedObjectReference)).(*simulator.Task)
	t.Wait()
	disks := reflect.Indirect(reflect.ValueOf(t.Info.Result))
	if disks.Kind() == reflect.Struct { // an ArrayOfVirtualDiskInfo
		disks = disks.FieldByName("VirtualDiskInfo")
	}
	if disks.Kind() == reflect.Slice {
		for i := 0; i < disks.Len(); i++ {
			disks.Index(i).FieldByName("DiskType").SetString(made.(string))
		}
	}
	return body
}

type xBrowser struct {
	*simulator.HostDatastoreBrowser
}

func (b *xBrowser) SearchDatastoreTask(ctx *simulator.Context, req *types.SearchDatastore_Task) soap.HasFault {
	r := b.HostDatastoreBrowser.SearchDatastoreTask(ctx, req)
	if x, ok := r.(*methods.SearchDatastore_TaskBody); ok && x.Res != nil {
		t := ctx.Map.Get(x.Res.Returnval).(*simulator.Task)
		t.Wait()
		if res, ok := t.Info.Result.(types.HostDatastoreBrowserSearchResults); ok {
			for i := range res.File {
				if f, ok := res.File[i].(*types.VmDiskFileInfo); ok {
					dir := strings.TrimSuffix(fileKey(res.FolderPath), "/")
					// The folder of the datastore itself may be written as a dot.
					dir = strings.TrimSuffix(dir, " .")
					p := dir + "/" + f.Path
					if strings.HasSuffix(dir, "]") {
						p = dir + " " + f.Path
					}
					if kb, ok := simOf(ctx).diskCap.Load(p); ok {
						f.CapacityKb = kb.(int64)
					}
					if made, ok := simOf(ctx).diskType.Load(p); ok {
						f.Thin = bp(made == string(types.VirtualDiskTypeThin))
					}
				}
			}
		}
	}
	return r
}
