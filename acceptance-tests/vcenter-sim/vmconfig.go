package main

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/types"
)

// explicitEmpty and explicitZero represent an element that exists and is empty, or zero: on the way through the
// simulator's types it could not be distinguished from a missing one, and vCenter does distinguish them (http.go).
const (
	explicitEmpty = "\u2063empty\u2063"
	explicitZero  = math.MinInt32 + 1
)

// prepared is a checked specification and what is left to be done when the simulator has carried it out.
type prepared struct {
	after    []func(*simulator.VirtualMachine)
	order    []int32 // keys of the devices there were
	profiles map[int32][]types.BaseVirtualMachineProfileSpec
	video    []types.BaseVirtualDeviceConfigSpec // changes of devices that every machine is made with
}

func (p *prepared) finish(ctx *simulator.Context, vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) {
	s := simOf(ctx)
	for _, f := range p.after {
		f(vm)
	}
	if id := vm.Config.GuestId; id != "" { // the simulator puts the id there
		name := guestName(id)
		if vm.Config.AlternateGuestName != "" {
			name = vm.Config.AlternateGuestName
		}
		vm.Config.GuestFullName, vm.Summary.Config.GuestFullName = name, name
	}
	settleDevices(s, vm, p.order)
	settleAllocation(vm.Config)
	s.rememberProfiles(vm.Self, spec.VmProfile, p.profiles)
	s.settleGuestNet(ctx, vm)
}

// ownSettings are keys for which a specification has fields of its own: "keys that conflict … are silently ignored". The
// reference does not list them; these are some that are in every configuration file.
var ownSettings = []string{"memsize", "numvcpus", "displayname", "guestos", "uuid.bios", "vc.uuid", "annotation", "virtualhw.version"}

// hotAdd is up to which size memory can be added while a machine is on, and in which steps: a Linux with 3 GiB or less
// when it is turned on gets no more than that.
func hotAdd(c *types.VirtualMachineConfigInfo) (limit, step int64) {
	memory := int64(c.Hardware.MemoryMB)
	if guestFamily(c.GuestId) == string(types.VirtualMachineGuestOsFamilyLinuxGuest) && memory <= 3072 {
		return 3072, 128
	}
	return max(16*memory, 65536), 128
}

func fitsHotAdd(c *types.VirtualMachineConfigInfo, memory int64) bool {
	limit, step := c.HotPlugMemoryLimit, c.HotPlugMemoryIncrementSize
	if limit == 0 || step == 0 {
		limit, step = hotAdd(c)
	}
	return memory <= limit && (memory-int64(c.Hardware.MemoryMB))%step == 0
}

func notWhileOn(vm *simulator.VirtualMachine) types.BaseMethodFault {
	return &types.InvalidPowerState{ExistingState: vm.Runtime.PowerState, RequestedState: types.VirtualMachinePowerStatePoweredOff}
}

func invalidArgument(property string) types.BaseMethodFault {
	return &types.InvalidArgument{InvalidProperty: property}
}

// prepareConfig checks a specification for a machine, or for a new one, and completes it: the simulator replaces whole
// structures where vCenter changes what is given.
func prepareConfig(ctx *simulator.Context, vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec, dc *simulator.Datacenter, host *simulator.HostSystem) (*prepared, types.BaseMethodFault) {
	s := simOf(ctx)
	p := &prepared{}
	cur := &types.VirtualMachineConfigInfo{
		Firmware: "bios", Version: spec.Version,
		Hardware:    types.VirtualHardware{NumCPU: 1, MemoryMB: 32, NumCoresPerSocket: types.NewInt32(1)},
		BootOptions: &types.VirtualMachineBootOptions{}, Tools: &types.ToolsConfigInfo{},
	}
	on := false
	if vm != nil {
		cur = vm.Config
		on = vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
		if spec.ChangeVersion != "" && spec.ChangeVersion != cur.ChangeVersion {
			return nil, &types.ConcurrentAccess{}
		}
	}

	if bad := prepareGroups(p, cur, spec, host); bad != nil {
		return nil, bad
	}
	if spec.GuestId != "" && !slices.ContainsFunc(simulator.GuestID, func(id types.VirtualMachineGuestOsIdentifier) bool { return string(id) == spec.GuestId }) {
		return nil, invalidArgument("configSpec.guestId")
	}
	switch spec.Firmware {
	case "", "bios", "efi":
	default:
		return nil, invalidArgument("configSpec.firmware")
	}
	switch spec.SwapPlacement {
	case "", "inherit", "hostLocal", "vmDirectory":
	default:
		return nil, invalidArgument("configSpec.swapPlacement")
	}
	if spec.Version != "" && vm != nil && spec.Version != cur.Version {
		return nil, invalidArgument("configSpec.version") // UpgradeVM_Task is the way
	}

	profiles := [][]types.BaseVirtualMachineProfileSpec{spec.VmProfile}
	for _, c := range spec.DeviceChange {
		profiles = append(profiles, c.GetVirtualDeviceConfigSpec().Profile)
	}
	if bad := s.checkProfiles(profiles...); bad != nil {
		return nil, bad
	}

	// Size.
	cpus, cores, memory := cur.Hardware.NumCPU, int32(1), int64(cur.Hardware.MemoryMB)
	if cur.Hardware.NumCoresPerSocket != nil {
		cores = *cur.Hardware.NumCoresPerSocket
	}
	if spec.NumCPUs != 0 {
		cpus = spec.NumCPUs
	}
	if spec.NumCoresPerSocket != nil && *spec.NumCoresPerSocket != 0 {
		cores = *spec.NumCoresPerSocket
	}
	if spec.MemoryMB != 0 {
		memory = spec.MemoryMB
	}
	maxCPUs, maxMemory := limits(hardwareNumber(cur.Version))
	switch {
	case cpus < 1 || cpus > maxCPUs:
		return nil, invalidArgument("configSpec.numCPUs")
	case cores < 1 || (spec.NumCPUs != 0 || spec.NumCoresPerSocket != nil) && cpus%cores != 0:
		return nil, invalidArgument("configSpec.numCoresPerSocket")
	case memory < 4 || memory%4 != 0 || memory > maxMemory:
		return nil, invalidArgument("configSpec.memoryMB")
	}
	if on {
		set := func(b *bool) bool { return b != nil && *b }
		differs := func(now, want *bool) bool { return want != nil && set(now) != *want }
		f := spec.Flags
		switch {
		case cpus > cur.Hardware.NumCPU && !set(cur.CpuHotAddEnabled), cpus < cur.Hardware.NumCPU && !set(cur.CpuHotRemoveEnabled):
			return nil, &types.CpuHotPlugNotSupported{}
		case memory != int64(cur.Hardware.MemoryMB) && (memory < int64(cur.Hardware.MemoryMB) || !set(cur.MemoryHotAddEnabled)):
			return nil, &types.MemoryHotPlugNotSupported{}
		case memory > int64(cur.Hardware.MemoryMB) && !fitsHotAdd(cur, memory):
			return nil, &types.InvalidVmConfig{Property: "configSpec.memoryMB"}
		case spec.NumCoresPerSocket != nil && cur.Hardware.NumCoresPerSocket != nil && cores != *cur.Hardware.NumCoresPerSocket,
			spec.GuestId != "" && spec.GuestId != cur.GuestId,
			spec.Firmware != "" && spec.Firmware != cur.Firmware,
			spec.Uuid != "" && spec.Uuid != cur.Uuid,
			spec.InstanceUuid != "" && spec.InstanceUuid != cur.InstanceUuid,
			differs(cur.NestedHVEnabled, spec.NestedHVEnabled),
			differs(cur.CpuHotAddEnabled, spec.CpuHotAddEnabled),
			differs(cur.CpuHotRemoveEnabled, spec.CpuHotRemoveEnabled),
			differs(cur.MemoryHotAddEnabled, spec.MemoryHotAddEnabled),
			differs(cur.VPMCEnabled, spec.VPMCEnabled),
			f != nil && (differs(cur.Flags.VbsEnabled, f.VbsEnabled) || differs(cur.Flags.VvtdEnabled, f.VvtdEnabled)),
			f != nil && f.VirtualExecUsage != "" && f.VirtualExecUsage != cur.Flags.VirtualExecUsage,
			f != nil && f.VirtualMmuUsage != "" && f.VirtualMmuUsage != cur.Flags.VirtualMmuUsage,
			spec.BootOptions != nil && differs(cur.BootOptions.EfiSecureBootEnabled, spec.BootOptions.EfiSecureBootEnabled):
			return nil, notWhileOn(vm)
		}
	}

	// Structures of which only a part may be given.
	if b := spec.BootOptions; b != nil {
		merged := *orNew(cur.BootOptions)
		mergeStruct(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(b).Elem())
		for _, n := range []*int64{&merged.BootDelay, &merged.BootRetryDelay} {
			if *n == explicitZero {
				*n = 0
			}
		}
		firmware := cur.Firmware
		if spec.Firmware != "" {
			firmware = spec.Firmware
		}
		if merged.EfiSecureBootEnabled != nil && *merged.EfiSecureBootEnabled && firmware != "efi" {
			return nil, &types.InvalidVmConfig{Property: "msg.hostd.configSpec.efi"}
		}
		spec.BootOptions = &merged
		p.after = append(p.after, func(vm *simulator.VirtualMachine) { vm.Config.BootOptions = &merged })
	}
	if spec.Tools != nil {
		merged := *orNew(cur.Tools)
		mergeStruct(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(spec.Tools).Elem())
		spec.Tools = &merged
	}
	if spec.Flags != nil {
		merged := cur.Flags
		mergeStruct(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(spec.Flags).Elem())
		spec.Flags = &merged
	}
	reserveAll := spec.MemoryReservationLockedToMax
	if reserveAll == nil {
		reserveAll = cur.MemoryReservationLockedToMax
	}
	for _, a := range []struct {
		name string
		spec **types.ResourceAllocationInfo
		cur  *types.ResourceAllocationInfo
	}{{"cpuAllocation", &spec.CpuAllocation, cur.CpuAllocation}, {"memoryAllocation", &spec.MemoryAllocation, cur.MemoryAllocation}} {
		lock := a.name == "memoryAllocation" && reserveAll != nil && *reserveAll
		if *a.spec == nil && !lock {
			continue
		}
		merged := types.ResourceAllocationInfo{Reservation: types.NewInt64(0), Limit: types.NewInt64(-1), ExpandableReservation: bp(false), Shares: &types.SharesInfo{Level: types.SharesLevelNormal}}
		if a.cur != nil {
			merged = deepCopy(*a.cur)
			merged.ExpandableReservation = bp(false)
		}
		if in := *a.spec; in != nil {
			if in.Reservation != nil {
				merged.Reservation = in.Reservation
			}
			if in.Limit != nil {
				merged.Limit = in.Limit
			}
			if in.Shares != nil {
				shares := *in.Shares
				merged.Shares = &shares
			}
		}
		if lock {
			merged.Reservation = types.NewInt64(memory)
		}
		if merged.Shares.Level == types.SharesLevelCustom && merged.Shares.Shares <= 0 {
			return nil, invalidArgument("configSpec." + a.name + ".shares")
		}
		if *merged.Reservation < 0 || *merged.Limit >= 0 && *merged.Reservation > *merged.Limit ||
			a.name == "memoryAllocation" && *merged.Reservation > memory {
			return nil, invalidArgument("configSpec." + a.name + ".reservation")
		}
		*a.spec = &merged
	}

	// An empty value removes a key; one that is not there is no key with an empty value.
	spec.ExtraConfig = slices.DeleteFunc(slices.Clone(spec.ExtraConfig), func(o types.BaseOptionValue) bool {
		v := o.GetOptionValue()
		if slices.Contains(ownSettings, strings.ToLower(v.Key)) {
			return true
		}
		text, ok := v.Value.(string)
		return v.Value == nil || ok && text == "" && !slices.ContainsFunc(cur.ExtraConfig, func(c types.BaseOptionValue) bool { return c.GetOptionValue().Key == v.Key })
	})
	if bad := prepareVApp(spec, cur, p); bad != nil {
		return nil, bad
	}
	for _, e := range []struct {
		spec *string
		of   func(*types.VirtualMachineConfigInfo) *string
	}{
		{&spec.Annotation, func(c *types.VirtualMachineConfigInfo) *string { return &c.Annotation }},
		{&spec.AlternateGuestName, func(c *types.VirtualMachineConfigInfo) *string { return &c.AlternateGuestName }},
	} {
		if *e.spec == explicitEmpty {
			*e.spec = ""
			p.after = append(p.after, func(vm *simulator.VirtualMachine) { *e.of(vm.Config) = "" })
		}
	}
	kept := *spec
	p.after = append(p.after, func(vm *simulator.VirtualMachine) { storeRest(vm.Config, &kept) })

	// Devices.
	check := &deviceCheck{ctx: ctx, s: s, dc: dc, host: host, vm: vm, on: on, hardware: hardwareNumber(cur.Version)}
	var home object.DatastorePath
	if vm != nil {
		home.FromString(vm.Config.Files.VmPathName)
	} else if spec.Files != nil {
		home.FromString(spec.Files.VmPathName)
	}
	check.home = home.Datastore
	if vm != nil {
		check.devices = slices.Clone(vm.Config.Hardware.Device)
		check.snapshots = vm.Snapshot != nil
	} else {
		check.devices = copyDevices(esx.VirtualDevice)
		stripDefaults(spec, p)
	}
	for _, d := range check.devices {
		p.order = append(p.order, d.GetVirtualDevice().Key)
	}
	if bad := check.run(spec.DeviceChange); bad != nil {
		return nil, bad
	}
	p.profiles = check.profiles
	return p, nil
}

func orNew[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// stripDefaults takes the devices out that every machine is made with: the simulator throws away what is said about
// them. They are changed afterwards.
func stripDefaults(spec *types.VirtualMachineConfigSpec, p *prepared) {
	spec.DeviceChange = slices.DeleteFunc(slices.Clone(spec.DeviceChange), func(c types.BaseVirtualDeviceConfigSpec) bool {
		d := c.GetVirtualDeviceConfigSpec().Device
		var key int32
		switch x := d.(type) {
		case *types.VirtualMachineVideoCard:
			key = esx.VirtualMachineDefaultDeviceVideoCard.Key
		case *types.VirtualKeyboard:
			key = esx.VirtualMachineDefaultDeviceVirtualKeyboard.Key
		case *types.VirtualPointingDevice:
			key = esx.VirtualMachineDefaultDeviceVirtualPointingDevice.Key
		case *types.VirtualMachineVMCIDevice:
			key = esx.VirtualMachineDefaultDeviceVMCIDevice.Key
		case *types.VirtualPCIController:
			key = esx.VirtualMachineDefaultDevicePCIController.Key
		case *types.VirtualSIOController:
			key = esx.VirtualMachineDefaultDeviceSIOController.Key
		case *types.VirtualPS2Controller:
			key = esx.VirtualMachineDefaultDevicePS2Controller.Key
		case *types.VirtualIDEController:
			if x.BusNumber != 0 && x.BusNumber != 1 {
				return false
			}
			key = 200 + x.BusNumber
		default:
			return false
		}
		old := d.GetVirtualDevice().Key
		for _, o := range spec.DeviceChange {
			if v := o.GetVirtualDeviceConfigSpec().Device.GetVirtualDevice(); v.ControllerKey == old && old != 0 {
				v.ControllerKey = key
			}
		}
		if _, ok := d.(*types.VirtualMachineVideoCard); ok {
			card := copyDevices([]types.BaseVirtualDevice{d})[0]
			card.GetVirtualDevice().Key = key
			card.GetVirtualDevice().ControllerKey = 0
			card.GetVirtualDevice().UnitNumber = nil
			p.video = append(p.video, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: card})
		}
		return true
	})
}

// prepareVApp completes the changes of vApp properties: only what is given changes, and a removal names a key only, on
// which the simulator panics.
func prepareVApp(spec *types.VirtualMachineConfigSpec, cur *types.VirtualMachineConfigInfo, p *prepared) types.BaseMethodFault {
	if spec.VAppConfigRemoved != nil && *spec.VAppConfigRemoved {
		p.after = append(p.after, func(vm *simulator.VirtualMachine) { vm.Config.VAppConfig = nil })
		spec.VAppConfig = nil
	}
	if spec.VAppConfig == nil {
		return nil
	}
	in := spec.VAppConfig.GetVmConfigSpec()
	var have []types.VAppPropertyInfo
	if cur.VAppConfig != nil {
		have = cur.VAppConfig.GetVmConfigInfo().Property
	}
	key := func(v types.AnyType) int32 { n, _ := v.(int32); return n }
	for i := range in.Property {
		op := &in.Property[i]
		switch {
		case op.Operation == types.ArrayUpdateOperationRemove && op.Info == nil:
			op.Info = &types.VAppPropertyInfo{Key: key(op.RemoveKey)}
		case op.Info == nil:
			return invalidArgument("configSpec.vAppConfig.property")
		case op.Operation == types.ArrayUpdateOperationEdit:
			for _, h := range have {
				if h.Key == op.Info.Key {
					merged := h
					overlay(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(op.Info).Elem())
					merged.Value = op.Info.Value
					op.Info = &merged
				}
			}
		}
	}
	for i := range in.Product {
		op := &in.Product[i]
		if op.Info == nil {
			op.Info = &types.VAppProductInfo{Key: key(op.RemoveKey)}
		}
	}
	rest := *in
	p.after = append(p.after, func(vm *simulator.VirtualMachine) {
		if vm.Config.VAppConfig == nil {
			return
		}
		to := vm.Config.VAppConfig.GetVmConfigInfo()
		if rest.IpAssignment != nil {
			mergeStruct(reflect.ValueOf(&to.IpAssignment).Elem(), reflect.ValueOf(rest.IpAssignment).Elem())
		}
		if rest.Eula != nil {
			to.Eula = rest.Eula
		}
		if rest.OvfEnvironmentTransport != nil {
			to.OvfEnvironmentTransport = rest.OvfEnvironmentTransport
		}
		// A list of one empty text clears it.
		if slices.Equal(rest.OvfEnvironmentTransport, []string{explicitEmpty}) {
			to.OvfEnvironmentTransport = nil
		}
		if rest.InstallBootRequired != nil {
			to.InstallBootRequired = *rest.InstallBootRequired
		}
		if rest.InstallBootStopDelay != 0 {
			to.InstallBootStopDelay = rest.InstallBootStopDelay
		}
	})
	return nil
}

// storeRest keeps what the simulator drops.
func storeRest(c *types.VirtualMachineConfigInfo, spec *types.VirtualMachineConfigSpec) {
	if spec.SwapPlacement != "" {
		c.SwapPlacement = spec.SwapPlacement
	}
	for _, b := range []struct {
		from *bool
		to   **bool
	}{
		{spec.VPMCEnabled, &c.VPMCEnabled}, {spec.SevEnabled, &c.SevEnabled},
		{spec.FixedPassthruHotPlugEnabled, &c.FixedPassthruHotPlugEnabled},
		{spec.VirtualICH7MPresent, &c.Hardware.VirtualICH7MPresent}, {spec.VirtualSMCPresent, &c.Hardware.VirtualSMCPresent},
	} {
		if b.from != nil {
			*b.to = b.from
		}
	}
	if spec.ScheduledHardwareUpgradeInfo != nil {
		c.ScheduledHardwareUpgradeInfo = spec.ScheduledHardwareUpgradeInfo
	}
	if spec.MaxMksConnections != 0 {
		c.MaxMksConnections = spec.MaxMksConnections
	}
	if spec.SgxInfo != nil {
		c.SgxInfo = spec.SgxInfo
	}
	if spec.MotherboardLayout != "" {
		c.Hardware.MotherboardLayout = spec.MotherboardLayout
	}
	if spec.SimultaneousThreads != 0 {
		c.Hardware.SimultaneousThreads = spec.SimultaneousThreads
	}
}

// settleAllocation turns levels of shares into numbers, which follow the size of the machine.
func settleAllocation(c *types.VirtualMachineConfigInfo) {
	if c.SwapPlacement == "" {
		c.SwapPlacement = "inherit"
	}
	for _, a := range []struct {
		of   **types.ResourceAllocationInfo
		each map[types.SharesLevel]int32
		size int32
	}{
		{&c.CpuAllocation, map[types.SharesLevel]int32{"low": 500, "normal": 1000, "high": 2000}, c.Hardware.NumCPU},
		{&c.MemoryAllocation, map[types.SharesLevel]int32{"low": 5, "normal": 10, "high": 20}, c.Hardware.MemoryMB},
	} {
		n := types.ResourceAllocationInfo{}
		if *a.of != nil {
			n = deepCopy(**a.of)
		}
		n.ExpandableReservation = bp(false)
		if n.Reservation == nil {
			n.Reservation = types.NewInt64(0)
		}
		if n.Limit == nil {
			n.Limit = types.NewInt64(-1)
		}
		if n.Shares == nil {
			n.Shares = &types.SharesInfo{Level: types.SharesLevelNormal}
		}
		if each, ok := a.each[n.Shares.Level]; ok {
			n.Shares.Shares = each * a.size
		}
		*a.of = &n
	}
}

// storesOf lists the datastores that a specification for a new machine names.
func storesOf(spec *types.VirtualMachineConfigSpec) []string {
	var names []string
	add := func(file string) {
		var p object.DatastorePath
		if p.FromString(file) && p.Datastore != "" && !slices.Contains(names, p.Datastore) {
			names = append(names, p.Datastore)
		}
	}
	if spec.Files != nil {
		add(spec.Files.VmPathName)
	}
	for _, c := range spec.DeviceChange {
		s := c.GetVirtualDeviceConfigSpec()
		if s.Device == nil {
			continue
		}
		if b, ok := s.Device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			add(b.GetVirtualDeviceFileBackingInfo().FileName)
		}
	}
	return names
}
