package main

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// First class disks. The catalog is the simulator's own, which the endpoint /vslm reads too.
type xFCD struct {
	*simulator.VcenterVStorageObjectManager
	s *sim
}

// fcdLock guards the catalog, which tasks of virtual machines change too. It is held for no other lock.
type fcdLock struct{ sync.Mutex }

func fcdBacking(o *simulator.VStorageObject) *types.BaseConfigInfoDiskFileBackingInfo {
	b, _ := o.Config.Backing.(*types.BaseConfigInfoDiskFileBackingInfo)
	return b
}

// fcdIDs are the IDs of all first class disks.
func (s *sim) fcdIDs() map[string]bool {
	s.fcd.Lock()
	defer s.fcd.Unlock()
	ids := map[string]bool{}
	for _, disks := range s.reg.VStorageObjectManager().Catalog() {
		for id := range disks {
			ids[id.Id] = true
		}
	}
	return ids
}

// withFCD calls f with the disk of an id on a datastore, or returns NotFound.
func (s *sim) withFCD(on ref, id types.ID, f func(*simulator.VStorageObject) types.BaseMethodFault) types.BaseMethodFault {
	s.fcd.Lock()
	defer s.fcd.Unlock()
	o := s.reg.VStorageObjectManager().Catalog()[on][id]
	if o == nil {
		return &types.NotFound{}
	}
	return f(o)
}

// fcdTypes are provisioning types as the disk manager calls them, and as first class disks do.
var fcdTypes = map[string]string{"thin": "thin", "preallocated": "lazyZeroedThick", "eagerZeroedThick": "eagerZeroedThick"}

func (m *xFCD) CreateDiskTask(ctx *simulator.Context, req *types.CreateDisk_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "createDisk", func() (types.AnyType, types.BaseMethodFault) {
		spec, ok := req.Spec.BackingSpec.(*types.VslmCreateSpecDiskFileBackingSpec)
		if !ok {
			return nil, &types.NotSupported{}
		}
		if _, ok := ctx.Map.Get(spec.Datastore).(*simulator.Datastore); !ok {
			return nil, &types.InvalidDatastore{Datastore: &spec.Datastore}
		}
		if req.Spec.CapacityInMB <= 0 {
			return nil, &types.InvalidArgument{InvalidProperty: "capacityInMB"}
		}
		if strings.TrimSpace(req.Spec.Name) == "" {
			return nil, &types.InvalidArgument{InvalidProperty: "name"}
		}
		if bad := m.s.checkProfiles(req.Spec.Profile); bad != nil {
			return nil, bad
		}
		if spec.ProvisioningType == "" {
			spec.ProvisioningType = "thin"
		}
		if req.Spec.KeepAfterDeleteVm == nil {
			req.Spec.KeepAfterDeleteVm = bp(true)
		}
		m.s.fcd.Lock()
		defer m.s.fcd.Unlock()
		res, bad := wait(ctx, m.VcenterVStorageObjectManager.CreateDiskTask(ctx, req).(*methods.CreateDisk_TaskBody).Res.Returnval)
		if bad != nil {
			return nil, bad
		}
		made := *res.(*types.VStorageObject)
		file := fileKey(made.Config.Backing.(*types.BaseConfigInfoDiskFileBackingInfo).FilePath)
		m.s.diskCap.Store(file, made.Config.CapacityInMB*1024)
		for plain, name := range fcdTypes {
			if name == spec.ProvisioningType {
				m.s.diskType.Store(file, plain)
			}
		}
		m.s.rememberFCDProfile(made.Config.Id.Id, req.Spec.Profile)
		return made, nil
	})
	return &methods.CreateDisk_TaskBody{Res: &types.CreateDisk_TaskResponse{Returnval: id}}
}

// fcdFile is the datastore and the path that a URL of the datastore browser names.
func fcdFile(ctx *simulator.Context, address string) (*simulator.Datastore, string) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/folder/") {
		return nil, ""
	}
	index := ctx.Map.SearchIndex()
	found := index.FindByInventoryPath(ctx, &types.FindByInventoryPath{This: index.Self, InventoryPath: u.Query().Get("dcPath")})
	body := found.(*methods.FindByInventoryPathBody)
	if body.Res == nil || body.Res.Returnval == nil {
		return nil, ""
	}
	dc, ok := ctx.Map.Get(*body.Res.Returnval).(*simulator.Datacenter)
	if !ok {
		return nil, ""
	}
	ds, _ := ctx.Map.FindByName(u.Query().Get("dsName"), dc.Datastore).(*simulator.Datastore)
	return ds, strings.TrimPrefix(u.Path, "/folder/")
}

// RegisterDisk: the file gives the size. A disk that is registered already is AlreadyExists, as documented. Guesses: the
// path of no disk is FileNotFound, and the new disk is not kept when its virtual machine is deleted.
func (m *xFCD) RegisterDisk(ctx *simulator.Context, req *types.RegisterDisk) soap.HasFault {
	bad := func(f types.BaseMethodFault) soap.HasFault { return &methods.RegisterDiskBody{Fault_: fault(f)} }
	ds, path := fcdFile(ctx, req.Path)
	if ds == nil || path == "" {
		return bad(&types.InvalidArgument{InvalidProperty: "path"})
	}
	dc := datacenterOf(ctx, ds.Self)
	file := (&object.DatastorePath{Datastore: ds.Name, Path: path}).String()
	desc, _, missing := ctx.Map.FileManager().DiskDescriptor(ctx, &dc, file)
	if missing != nil {
		return bad(&types.FileNotFound{FileFault: types.FileFault{File: file}})
	}
	m.s.fcd.Lock()
	defer m.s.fcd.Unlock()
	catalog := m.Catalog()
	for _, o := range catalog[ds.Self] {
		if b := fcdBacking(o); b != nil && b.FilePath == file {
			return bad(&types.AlreadyExists{Name: o.Config.Id.Id})
		}
	}
	if req.Name == "" {
		req.Name = strings.TrimSuffix(path[strings.LastIndex(path, "/")+1:], ".vmdk")
	}
	res := m.VcenterVStorageObjectManager.RegisterDisk(ctx, req)
	if res.Fault() != nil {
		return res
	}
	made := &res.(*methods.RegisterDiskBody).Res.Returnval
	o := catalog[ds.Self][made.Config.Id]
	o.Config.CapacityInMB = int64(desc.Capacity()) >> 20
	if kb, ok := m.s.diskCap.Load(file); ok {
		o.Config.CapacityInMB = kb.(int64) / 1024
	}
	b := fcdBacking(o)
	b.ProvisioningType = "thin"
	if plain, ok := m.s.diskType.Load(file); ok {
		b.ProvisioningType = fcdTypes[plain.(string)]
	}
	*made = o.VStorageObject
	return res
}

func (m *xFCD) ListVStorageObject(req *types.ListVStorageObject) soap.HasFault {
	m.s.fcd.Lock()
	defer m.s.fcd.Unlock()
	return m.VcenterVStorageObjectManager.ListVStorageObject(req)
}

func (m *xFCD) RetrieveVStorageObject(ctx *simulator.Context, req *types.RetrieveVStorageObject) soap.HasFault {
	m.s.fcd.Lock()
	defer m.s.fcd.Unlock()
	res := m.VcenterVStorageObjectManager.RetrieveVStorageObject(ctx, req)
	if body := res.(*methods.RetrieveVStorageObjectBody); body.Res != nil {
		body.Res.Returnval = deepCopy(body.Res.Returnval)
	}
	return res
}

// ExtendDiskTask: the disk of a virtual machine grows with it, which one that is on allows from 7.0.2 on.
func (m *xFCD) ExtendDiskTask(ctx *simulator.Context, req *types.ExtendDisk_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "extendDisk", func() (types.AnyType, types.BaseMethodFault) {
		var file string
		bad := m.s.withFCD(req.Datastore, req.Id, func(o *simulator.VStorageObject) types.BaseMethodFault {
			if req.NewCapacityInMB <= o.Config.CapacityInMB {
				return &types.InvalidArgument{InvalidProperty: "newCapacityInMB"}
			}
			if len(o.Snapshots) > 0 {
				return &types.InvalidState{}
			}
			file = fcdBacking(o).FilePath
			return nil
		})
		if bad != nil {
			return nil, bad
		}
		if locked(ctx, file) && !versionAtLeast(m.s.version, "7.0.2") {
			return nil, &types.InvalidState{}
		}
		m.s.diskCap.Store(fileKey(file), req.NewCapacityInMB*1024)
		for _, e := range ctx.Map.All("VirtualMachine") {
			ctx.WithLock(e, func() {
				vm, ok := ctx.Map.Get(e.Reference()).(*simulator.VirtualMachine)
				if !ok || vm.Config == nil {
					return
				}
				for _, d := range vm.Config.Hardware.Device {
					if disk, ok := d.(*types.VirtualDisk); ok && disk.VDiskId != nil && *disk.VDiskId == req.Id {
						disk.CapacityInKB, disk.CapacityInBytes = req.NewCapacityInMB<<10, req.NewCapacityInMB<<20
					}
				}
			})
		}
		return nil, m.s.withFCD(req.Datastore, req.Id, func(o *simulator.VStorageObject) types.BaseMethodFault {
			o.Config.CapacityInMB = req.NewCapacityInMB
			return nil
		})
	})
	return &methods.ExtendDisk_TaskBody{Res: &types.ExtendDisk_TaskResponse{Returnval: id}}
}

func (m *xFCD) RenameVStorageObject(_ *simulator.Context, req *types.RenameVStorageObject) soap.HasFault {
	bad := m.s.withFCD(req.Datastore, req.Id, func(o *simulator.VStorageObject) types.BaseMethodFault {
		o.Config.Name = req.Name
		return nil
	})
	if bad != nil {
		return &methods.RenameVStorageObjectBody{Fault_: fault(bad)}
	}
	return &methods.RenameVStorageObjectBody{Res: &types.RenameVStorageObjectResponse{}}
}

// setFlags sets or clears control flags.
func (s *sim) setFlags(on ref, id types.ID, flags []string, to bool) types.BaseMethodFault {
	return s.withFCD(on, id, func(o *simulator.VStorageObject) types.BaseMethodFault {
		for _, flag := range flags {
			switch types.VslmVStorageObjectControlFlag(flag) {
			case types.VslmVStorageObjectControlFlagKeepAfterDeleteVm:
				o.Config.KeepAfterDeleteVm = bp(to)
			case types.VslmVStorageObjectControlFlagDisableRelocation:
				o.Config.RelocationDisabled = bp(to)
			case types.VslmVStorageObjectControlFlagEnableChangedBlockTracking:
				o.Config.ChangedBlockTrackingEnabled = bp(to)
			default:
				return &types.InvalidArgument{InvalidProperty: "controlFlags"}
			}
		}
		return nil
	})
}

func (m *xFCD) SetVStorageObjectControlFlags(_ *simulator.Context, req *types.SetVStorageObjectControlFlags) soap.HasFault {
	if bad := m.s.setFlags(req.Datastore, req.Id, req.ControlFlags, true); bad != nil {
		return &methods.SetVStorageObjectControlFlagsBody{Fault_: fault(bad)}
	}
	return &methods.SetVStorageObjectControlFlagsBody{Res: &types.SetVStorageObjectControlFlagsResponse{}}
}

func (m *xFCD) ClearVStorageObjectControlFlags(_ *simulator.Context, req *types.ClearVStorageObjectControlFlags) soap.HasFault {
	if bad := m.s.setFlags(req.Datastore, req.Id, req.ControlFlags, false); bad != nil {
		return &methods.ClearVStorageObjectControlFlagsBody{Fault_: fault(bad)}
	}
	return &methods.ClearVStorageObjectControlFlagsBody{Res: &types.ClearVStorageObjectControlFlagsResponse{}}
}

func (m *xFCD) UpdateVStorageObjectPolicyTask(ctx *simulator.Context, req *types.UpdateVStorageObjectPolicy_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "updateVStorageObjectPolicy", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.s.withFCD(req.Datastore, req.Id, func(*simulator.VStorageObject) types.BaseMethodFault {
			bad := m.s.checkProfiles(req.Profile)
			if bad == nil {
				m.s.rememberFCDProfile(req.Id.Id, req.Profile)
			}
			return bad
		})
	})
	return &methods.UpdateVStorageObjectPolicy_TaskBody{Res: &types.UpdateVStorageObjectPolicy_TaskResponse{Returnval: id}}
}

// DeleteVStorageObjectTask: a disk that a virtual machine has stays.
func (m *xFCD) DeleteVStorageObjectTask(ctx *simulator.Context, req *types.DeleteVStorageObject_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "deleteVStorageObject", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.s.withFCD(req.Datastore, req.Id, func(o *simulator.VStorageObject) types.BaseMethodFault {
			file := fileKey(fcdBacking(o).FilePath)
			_, bad := wait(ctx, m.VcenterVStorageObjectManager.DeleteVStorageObjectTask(ctx, req).(*methods.DeleteVStorageObject_TaskBody).Res.Returnval)
			if bad == nil {
				for _, known := range diskMaps(m.s) {
					known.Delete(file)
				}
				m.s.rememberFCDProfile(req.Id.Id, nil)
			}
			return bad
		})
	})
	return &methods.DeleteVStorageObject_TaskBody{Res: &types.DeleteVStorageObject_TaskResponse{Returnval: id}}
}

// withSnapshot calls f with the disk and the index of its snapshot, or returns NotFound.
func (s *sim) withSnapshot(on ref, id, snapshot types.ID, f func(*simulator.VStorageObject, int) types.BaseMethodFault) types.BaseMethodFault {
	return s.withFCD(on, id, func(o *simulator.VStorageObject) types.BaseMethodFault {
		at := slices.IndexFunc(o.Snapshots, func(have types.VStorageObjectSnapshotInfoVStorageObjectSnapshot) bool {
			return have.Id != nil && *have.Id == snapshot
		})
		if at < 0 {
			return &types.NotFound{}
		}
		return f(o, at)
	})
}

func (m *xFCD) VStorageObjectCreateSnapshotTask(ctx *simulator.Context, req *types.VStorageObjectCreateSnapshot_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "createSnapshot", func() (res types.AnyType, bad types.BaseMethodFault) {
		bad = m.s.withFCD(req.Datastore, req.Id, func(*simulator.VStorageObject) types.BaseMethodFault {
			made := m.VcenterVStorageObjectManager.VStorageObjectCreateSnapshotTask(ctx, req)
			var failed types.BaseMethodFault
			res, failed = wait(ctx, made.(*methods.VStorageObjectCreateSnapshot_TaskBody).Res.Returnval)
			return failed
		})
		return res, bad
	})
	return &methods.VStorageObjectCreateSnapshot_TaskBody{Res: &types.VStorageObjectCreateSnapshot_TaskResponse{Returnval: id}}
}

func (m *xFCD) RetrieveSnapshotInfo(req *types.RetrieveSnapshotInfo) soap.HasFault {
	body := &methods.RetrieveSnapshotInfoBody{}
	bad := m.s.withFCD(req.Datastore, req.Id, func(o *simulator.VStorageObject) types.BaseMethodFault {
		body.Res = &types.RetrieveSnapshotInfoResponse{Returnval: deepCopy(o.VStorageObjectSnapshotInfo)}
		return nil
	})
	if bad != nil {
		body.Fault_ = fault(bad)
	}
	return body
}

func (m *xFCD) DeleteSnapshotTask(ctx *simulator.Context, req *types.DeleteSnapshot_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "deleteSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.s.withSnapshot(req.Datastore, req.Id, req.SnapshotId, func(o *simulator.VStorageObject, at int) types.BaseMethodFault {
			o.Snapshots = slices.Delete(slices.Clone(o.Snapshots), at, at+1)
			return nil
		})
	})
	return &methods.DeleteSnapshot_TaskBody{Res: &types.DeleteSnapshot_TaskResponse{Returnval: id}}
}

// RevertVStorageObjectTask: a disk that a virtual machine has is not reverted, and the snapshots that were made after it
// stay; both are guesses. There is no data that changes.
func (m *xFCD) RevertVStorageObjectTask(ctx *simulator.Context, req *types.RevertVStorageObject_Task) soap.HasFault {
	id := task(ctx, m.VcenterVStorageObjectManager, "revertVStorageObject", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.s.withSnapshot(req.Datastore, req.Id, req.SnapshotId, func(o *simulator.VStorageObject, _ int) types.BaseMethodFault {
			if len(o.Config.ConsumerId) > 0 {
				return &types.InvalidState{}
			}
			return nil
		})
	})
	return &methods.RevertVStorageObject_TaskBody{Res: &types.RevertVStorageObject_TaskResponse{Returnval: id}}
}

// noteFCDs finds the first class disks among the disks of a virtual machine, and notes who has them. Guess: one whose file
// is attached by its path is recognized.
func noteFCDs(s *sim, uuid string, devices []types.BaseVirtualDevice) {
	s.fcd.Lock()
	defer s.fcd.Unlock()
	self := types.ID{Id: uuid}
	for _, disks := range s.reg.VStorageObjectManager().Catalog() {
		for id, o := range disks {
			b, has := fcdBacking(o), false
			for _, d := range devices {
				disk, ok := d.(*types.VirtualDisk)
				if !ok || b == nil {
					continue
				}
				flat, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
				if !ok {
					continue
				}
				for flat.Parent != nil {
					flat = flat.Parent
				}
				if fileKey(flat.FileName) == fileKey(b.FilePath) {
					disk.VDiskId, has = &types.ID{Id: id.Id}, true
				}
			}
			o.Config.ConsumerId = slices.DeleteFunc(slices.Clone(o.Config.ConsumerId), func(c types.ID) bool { return c == self })
			if has {
				o.Config.ConsumerId = append(o.Config.ConsumerId, self)
			}
		}
	}
}

// keepFCDs takes the first class disks off a virtual machine that is being deleted, if they are to be kept, and returns
// those that are deleted with it.
func keepFCDs(s *sim, vm *simulator.VirtualMachine) []types.ID {
	s.fcd.Lock()
	defer s.fcd.Unlock()
	var lost []types.ID
	vm.Config.Hardware.Device = slices.DeleteFunc(slices.Clone(vm.Config.Hardware.Device), func(d types.BaseVirtualDevice) bool {
		disk, ok := d.(*types.VirtualDisk)
		if !ok || disk.VDiskId == nil {
			return false
		}
		for _, disks := range s.reg.VStorageObjectManager().Catalog() {
			if o := disks[*disk.VDiskId]; o != nil && isTrue(o.Config.KeepAfterDeleteVm) {
				return true
			}
		}
		lost = append(lost, *disk.VDiskId)
		return false
	})
	return lost
}

// forgetFCDs removes disks that were deleted with their virtual machine.
func forgetFCDs(s *sim, lost []types.ID) {
	s.fcd.Lock()
	defer s.fcd.Unlock()
	for _, disks := range s.reg.VStorageObjectManager().Catalog() {
		for _, id := range lost {
			delete(disks, id)
		}
	}
}

// AttachDiskTask adds a device; without a controller, to the first SCSI controller with room. Guess: a disk that another
// virtual machine has is InvalidState.
func (v *xVM) AttachDiskTask(ctx *simulator.Context, req *types.AttachDisk_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "attachDisk", func() (types.AnyType, types.BaseMethodFault) {
		var file string
		bad := simOf(ctx).withFCD(req.Datastore, req.DiskId, func(o *simulator.VStorageObject) types.BaseMethodFault {
			if len(o.Config.ConsumerId) > 0 {
				return &types.InvalidState{}
			}
			file = fcdBacking(o).FilePath
			return nil
		})
		if bad != nil {
			return nil, bad
		}
		disk := &types.VirtualDisk{VirtualDevice: types.VirtualDevice{
			Key: -1, UnitNumber: req.UnitNumber,
			Backing: &types.VirtualDiskFlatVer2BackingInfo{
				VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: file}, DiskMode: "persistent",
			},
		}}
		devices := object.VirtualDeviceList(v.Config.Hardware.Device)
		if req.ControllerKey > 0 {
			if devices.FindByKey(req.ControllerKey) == nil {
				return nil, &types.MissingController{InvalidDeviceSpec: types.InvalidDeviceSpec{DeviceIndex: 0}}
			}
			disk.ControllerKey = req.ControllerKey
		} else {
			controller, err := devices.FindDiskController("scsi")
			if err != nil {
				return nil, &types.MissingController{InvalidDeviceSpec: types.InvalidDeviceSpec{DeviceIndex: 0}}
			}
			devices.AssignController(disk, controller)
		}
		return nil, reconfigureVM(ctx, v.VirtualMachine, types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
			&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: disk},
		}})
	})
	return &methods.AttachDisk_TaskBody{Res: &types.AttachDisk_TaskResponse{Returnval: id}}
}

func (v *xVM) DetachDiskTask(ctx *simulator.Context, req *types.DetachDisk_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "detachDisk", func() (types.AnyType, types.BaseMethodFault) {
		for _, d := range v.Config.Hardware.Device {
			if disk, ok := d.(*types.VirtualDisk); ok && disk.VDiskId != nil && *disk.VDiskId == req.DiskId {
				return nil, reconfigureVM(ctx, v.VirtualMachine, types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
					&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: disk},
				}})
			}
		}
		return nil, &types.NotFound{}
	})
	return &methods.DetachDisk_TaskBody{Res: &types.DetachDisk_TaskResponse{Returnval: id}}
}
