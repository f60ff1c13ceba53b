package main

import (
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// instantCloneLocation checks what the API reference allows in the location of an instant clone: a folder, a datastore, a
// resource pool, and edits of network adapters and of serial and parallel ports.
func instantCloneLocation(l *types.VirtualMachineRelocateSpec) types.BaseMethodFault {
	for property, set := range map[string]bool{
		"host": l.Host != nil, "disk": l.Disk != nil, "diskMoveType": l.DiskMoveType != "", "transform": l.Transform != "",
		"profile": l.Profile != nil, "service": l.Service != nil, "cryptoSpec": l.CryptoSpec != nil,
	} {
		if set {
			return invalidArgument("spec.location." + property)
		}
	}
	for _, c := range l.DeviceChange {
		s := c.GetVirtualDeviceConfigSpec()
		allowed := false
		switch s.Device.(type) {
		case types.BaseVirtualEthernetCard, *types.VirtualSerialPort, *types.VirtualParallelPort:
			allowed = s.Operation == types.VirtualDeviceConfigSpecOperationEdit
		}
		if !allowed {
			return invalidArgument("spec.location.deviceChange")
		}
	}
	return nil
}

// InstantCloneTask: the clone runs on the host of its source, with delta disks of the disks that the source had; the source
// continues with delta disks of its own.
func (v *xVM) InstantCloneTask(ctx *simulator.Context, req *types.InstantClone_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "instantClone", func() (types.AnyType, types.BaseMethodFault) {
		vm := v.VirtualMachine
		if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			return nil, &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: vm.Runtime.PowerState}
		}
		for _, d := range object.VirtualDeviceList(vm.Config.Hardware.Device) {
			if _, passthrough := d.(*types.VirtualPCIPassthrough); passthrough {
				return nil, &types.DisallowedMigrationDeviceAttached{}
			}
		}
		location := req.Spec.Location
		if bad := instantCloneLocation(&location); bad != nil {
			return nil, bad
		}
		folder := vm.Parent
		if location.Folder != nil {
			folder = location.Folder
		}
		if folder == nil {
			return nil, invalidArgument("spec.location.folder")
		}
		location.Folder = nil
		location.Host = vm.Runtime.Host
		location.DiskMoveType = string(types.VirtualMachineRelocateDiskMoveOptionsCreateNewChildDiskBacking)
		config := &types.VirtualMachineConfigSpec{Uuid: req.Spec.BiosUuid, ExtraConfig: slices.Clone(req.Spec.Config)}
		made, bad := cloneVM(ctx, vm, *folder, req.Spec.Name, types.VirtualMachineCloneSpec{Location: location, Config: config})
		if bad != nil {
			return nil, bad
		}
		clone := ctx.Map.Get(made.(ref)).(*simulator.VirtualMachine)
		own := simOf(ctx).context()
		res := clone.PowerOnVMTask(own, &types.PowerOnVM_Task{This: clone.Self})
		if _, bad := wait(own, res.(*methods.PowerOnVM_TaskBody).Res.Returnval); bad != nil {
			_ = destroyVM(ctx, clone)
			return nil, bad
		}
		freeze(ctx, vm)
		return clone.Self, nil
	})
	return &methods.InstantClone_TaskBody{Res: &types.InstantClone_TaskResponse{Returnval: id}}
}
