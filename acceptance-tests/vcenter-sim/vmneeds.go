package main

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// vmNeeds are the privileges that the methods of virtual machines ask for besides the one on the machine or the folder,
// as the API reference lists them.
type vmNeeds struct {
	a    *authz
	list []need
}

func (n *vmNeeds) add(on ref, privileges ...string) {
	for _, p := range privileges {
		n.list = append(n.list, need{on, p})
	}
}

// datacenter of a folder or a machine.
func (n *vmNeeds) datacenter(of ref) *simulator.Datacenter {
	ctx := n.a.sim.context()
	dc, _ := ctx.Map.Get(datacenterOf(ctx, of)).(*simulator.Datacenter)
	return dc
}

// space is asked for on the datastore of a file.
func (n *vmNeeds) space(within ref, file string) {
	var p object.DatastorePath
	if dc := n.datacenter(within); dc != nil && p.FromString(file) && p.Datastore != "" {
		if ds := n.a.sim.reg.FindByName(p.Datastore, dc.Datastore); ds != nil {
			n.add(ds.Reference(), "Datastore.AllocateSpace")
		}
	}
}

// assign is asked for on the network of an adapter.
func (n *vmNeeds) assign(within ref, d types.BaseVirtualDevice) {
	if _, ok := d.(types.BaseVirtualEthernetCard); !ok {
		return
	}
	switch b := d.GetVirtualDevice().Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		if b.Network != nil && b.DeviceName == "" {
			n.add(*b.Network, "Network.Assign")
		} else if dc := n.datacenter(within); dc != nil {
			if e := n.a.sim.reg.FindByName(b.DeviceName, dc.Network); e != nil {
				n.add(e.Reference(), "Network.Assign")
			}
		}
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		pg := ref{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey}
		if n.a.sim.reg.Get(pg) != nil {
			n.add(pg, "Network.Assign")
		}
	}
}

// disk is what a change of a disk asks for.
func (n *vmNeeds) disk(on ref, spec *types.VirtualDeviceConfigSpec, d *types.VirtualDisk, vm *simulator.VirtualMachine) {
	file := ""
	if b, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		file = b.GetVirtualDeviceFileBackingInfo().FileName
	}
	switch spec.Operation {
	case types.VirtualDeviceConfigSpecOperationAdd:
		switch {
		case isRaw(d.Backing):
			n.add(on, "VirtualMachine.Config.RawDevice")
		case spec.FileOperation == "":
			n.add(on, "VirtualMachine.Config.AddExistingDisk")
		default:
			n.add(on, "VirtualMachine.Config.AddNewDisk")
			if vm != nil && (file == "" || file == "[]") {
				file = vm.Config.Files.VmPathName
			}
			n.space(on, file)
		}
	case types.VirtualDeviceConfigSpecOperationRemove:
		n.add(on, "VirtualMachine.Config.RemoveDisk")
	case types.VirtualDeviceConfigSpecOperationEdit:
		n.add(on, "VirtualMachine.Config.EditDevice")
		if vm != nil {
			for _, o := range vm.Config.Hardware.Device {
				if old, ok := o.(*types.VirtualDisk); ok && old.Key == d.Key && (d.CapacityInKB > old.CapacityInKB || d.CapacityInBytes > old.CapacityInBytes) {
					n.add(on, "VirtualMachine.Config.DiskExtend")
				}
			}
		}
	}
}

func isRaw(b types.BaseVirtualDeviceBackingInfo) bool {
	switch b.(type) {
	case *types.VirtualDiskRawDiskMappingVer1BackingInfo, *types.VirtualDiskRawDiskVer2BackingInfo:
		return true
	}
	return false
}

// create: on the folder, the datastores and the networks.
func (n *vmNeeds) create(folder ref, spec *types.VirtualMachineConfigSpec) {
	if spec.Files != nil {
		n.space(folder, spec.Files.VmPathName)
	}
	if len(spec.ExtraConfig) > 0 {
		n.add(folder, "VirtualMachine.Config.AdvancedConfig")
	}
	if spec.SwapPlacement != "" {
		n.add(folder, "VirtualMachine.Config.SwapPlacement")
	}
	if spec.Crypto != nil {
		n.add(folder, "Cryptographer.EncryptNew")
	}
	for _, c := range spec.DeviceChange {
		s := c.GetVirtualDeviceConfigSpec()
		switch d := s.Device.(type) {
		case nil:
		case *types.VirtualDisk:
			n.disk(folder, s, d, nil)
		case *types.VirtualUSB:
			n.add(folder, "VirtualMachine.Config.HostUSBDevice")
		default:
			n.assign(folder, d)
		}
	}
}

// reconfigure: what is changed decides.
func (n *vmNeeds) reconfigure(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) {
	on := vm.Self
	for privilege, asked := range map[string]bool{
		"VirtualMachine.Config.Rename":         spec.Name != "",
		"VirtualMachine.Config.Annotation":     spec.Annotation != "",
		"VirtualMachine.Config.CPUCount":       spec.NumCPUs != 0 || spec.NumCoresPerSocket != nil,
		"VirtualMachine.Config.Memory":         spec.MemoryMB != 0,
		"VirtualMachine.Config.AdvancedConfig": len(spec.ExtraConfig) > 0,
		"VirtualMachine.Config.Resource": spec.CpuAllocation != nil || spec.MemoryAllocation != nil || spec.CpuAffinity != nil ||
			spec.MemoryReservationLockedToMax != nil,
		"VirtualMachine.Config.SwapPlacement":  spec.SwapPlacement != "",
		"VirtualMachine.Config.ManagedBy":      spec.ManagedBy != nil,
		"VirtualMachine.Config.ChangeTracking": spec.ChangeTrackingEnabled != nil,
		"VirtualMachine.Config.Settings": spec.GuestId != "" || spec.AlternateGuestName != "" || spec.Uuid != "" || spec.InstanceUuid != "" || spec.Firmware != "" ||
			spec.Flags != nil || spec.BootOptions != nil || spec.Tools != nil || spec.PowerOpInfo != nil || spec.LatencySensitivity != nil ||
			spec.CpuHotAddEnabled != nil || spec.CpuHotRemoveEnabled != nil || spec.MemoryHotAddEnabled != nil || spec.NestedHVEnabled != nil ||
			spec.VPMCEnabled != nil || spec.VAppConfig != nil,
	} {
		if asked {
			n.add(on, privilege)
		}
	}
	n.cryptoNeeds(on, spec.Crypto)
	for _, c := range spec.DeviceChange {
		s := c.GetVirtualDeviceConfigSpec()
		switch {
		case s.Backing == nil || s.Backing.Crypto == nil:
		case s.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate:
			n.add(on, "Cryptographer.EncryptNew")
		default:
			n.cryptoNeeds(on, s.Backing.Crypto)
		}
		switch d := s.Device.(type) {
		case nil:
		case *types.VirtualDisk:
			n.disk(on, s, d, vm)
		case *types.VirtualUSB:
			n.add(on, "VirtualMachine.Config.HostUSBDevice")
		default:
			if s.Operation == types.VirtualDeviceConfigSpecOperationEdit {
				n.add(on, "VirtualMachine.Config.EditDevice")
			} else {
				n.add(on, "VirtualMachine.Config.AddRemoveDevice")
			}
			if s.Operation != types.VirtualDeviceConfigSpecOperationRemove {
				n.assign(on, d)
			}
		}
	}
}

func (n *vmNeeds) pool(pool *ref) {
	if pool != nil {
		n.add(*pool, "Resource.AssignVMToPool")
	}
}

func (n *vmNeeds) stores(s *types.VirtualMachineRelocateSpec) {
	if s.Datastore != nil {
		n.add(*s.Datastore, "Datastore.AllocateSpace")
	}
	for _, d := range s.Disk {
		n.add(d.Datastore, "Datastore.AllocateSpace")
	}
}

func (n *vmNeeds) clone(vm *simulator.VirtualMachine, folder ref, spec *types.VirtualMachineCloneSpec) {
	switch {
	case vm.Config.Template && spec.Template:
		n.add(vm.Self, "VirtualMachine.Provisioning.CloneTemplate")
	case vm.Config.Template:
		n.add(vm.Self, "VirtualMachine.Provisioning.DeployTemplate")
	case spec.Template:
		n.add(vm.Self, "VirtualMachine.Provisioning.CreateTemplateFromVM")
	default:
		n.add(vm.Self, "VirtualMachine.Provisioning.Clone")
	}
	n.add(folder, "VirtualMachine.Inventory.CreateFromExisting")
	n.pool(spec.Location.Pool)
	n.stores(&spec.Location)
	if spec.Location.Datastore == nil {
		n.space(vm.Self, vm.Config.Files.VmPathName)
	}
	if spec.Customization != nil {
		n.add(vm.Self, "VirtualMachine.Provisioning.Customize")
	}
	if spec.PowerOn {
		n.add(folder, "VirtualMachine.Interact.PowerOn")
	}
	if spec.Config != nil {
		for _, c := range spec.Config.DeviceChange {
			if s := c.GetVirtualDeviceConfigSpec(); s.Device != nil && s.Operation != types.VirtualDeviceConfigSpecOperationRemove {
				n.assign(folder, s.Device)
			}
		}
	}
}

// instantClone: a folder, pool or datastore that the call does not name is that of the source.
func (n *vmNeeds) instantClone(vm *simulator.VirtualMachine, spec *types.VirtualMachineInstantCloneSpec) {
	folder := spec.Location.Folder
	if folder == nil {
		folder = vm.Parent
	}
	pool := spec.Location.Pool
	if pool == nil {
		pool = vm.ResourcePool
	}
	clone := &types.VirtualMachineCloneSpec{
		Location: types.VirtualMachineRelocateSpec{Pool: pool, Datastore: spec.Location.Datastore},
		PowerOn:  true,
		Config:   &types.VirtualMachineConfigSpec{DeviceChange: spec.Location.DeviceChange},
	}
	if folder != nil {
		n.clone(vm, *folder, clone)
	}
}

func (n *vmNeeds) relocate(vm *simulator.VirtualMachine, spec *types.VirtualMachineRelocateSpec) {
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		n.add(vm.Self, "Resource.HotMigrate")
	} else {
		n.add(vm.Self, "Resource.ColdMigrate")
	}
	n.pool(spec.Pool)
	n.stores(spec)
	if spec.Folder != nil && *spec.Folder != *vm.Parent {
		n.add(*spec.Folder, "VirtualMachine.Inventory.Move")
		n.add(vm.Self, "VirtualMachine.Inventory.Move")
	}
	for _, c := range spec.DeviceChange {
		if s := c.GetVirtualDeviceConfigSpec(); s.Device != nil {
			n.assign(vm.Self, s.Device)
		}
	}
}
