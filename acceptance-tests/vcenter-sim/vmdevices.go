package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// The simulator takes nearly any device change. What follows checks the changes of a specification one after the other,
// as vCenter does, and completes them so that the simulator stores what vCenter would have.

// deepCopy is a copy by way of the wire format.
func deepCopy[T any](src T) T {
	var dst T
	b, err := xml.Marshal(src)
	if err != nil {
		panic(err)
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.TypeFunc = types.TypeFunc()
	if err := dec.Decode(&dst); err != nil {
		panic(err)
	}
	return dst
}

func copyDevices(list []types.BaseVirtualDevice) []types.BaseVirtualDevice {
	return deepCopy(types.ArrayOfVirtualDevice{VirtualDevice: list}).VirtualDevice
}

// overlay copies what src sets onto dst, both of one type; what is nested is replaced as a whole, but for base types and
// the files of a disk.
func overlay(dst, src reflect.Value) {
	for i := range src.NumField() {
		s, d := src.Field(i), dst.Field(i)
		switch {
		case src.Type().Field(i).Anonymous && s.Kind() == reflect.Struct:
			overlay(d, s)
		case s.IsZero():
		case s.Kind() == reflect.Interface && !d.IsNil() && d.Elem().Type() == s.Elem().Type() && isDiskBacking(s.Interface()):
			overlay(d.Elem().Elem(), s.Elem().Elem())
		default:
			d.Set(s)
		}
	}
}

func isDiskBacking(v any) bool {
	switch v.(type) {
	case *types.VirtualDiskFlatVer2BackingInfo, *types.VirtualDiskSeSparseBackingInfo, *types.VirtualDiskRawDiskMappingVer1BackingInfo:
		return true
	}
	return false
}

// controllerKind is the bus of a controller that disks and CD-ROMs hang on, and its number there.
func controllerKind(d types.BaseVirtualDevice) (bus string, number int32) {
	switch c := d.(type) {
	case types.BaseVirtualSCSIController:
		return "scsi", c.GetVirtualSCSIController().BusNumber
	case types.BaseVirtualSATAController:
		return "sata", c.GetVirtualSATAController().BusNumber
	case *types.VirtualNVMEController:
		return "nvme", c.BusNumber
	case *types.VirtualIDEController:
		return "ide", c.BusNumber
	}
	return "", 0
}

// units is how many devices a controller takes.
func units(c types.BaseVirtualDevice, hardware int) int32 {
	bus, _ := controllerKind(c)
	switch bus {
	case "scsi":
		if _, ok := c.(*types.ParaVirtualSCSIController); ok && hardware >= 14 {
			// 64 besides the controller itself, which is unit 7.
			return 65
		}
		return 16
	case "sata":
		return 30
	case "nvme":
		if hardware >= 21 {
			return 64
		}
		return 15
	case "ide":
		return 2
	}
	return 1 << 20
}

func hardwareNumber(version string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(version, "vmx-"))
	return n
}

// naturalKey is the first key vCenter tries for a device.
func naturalKey(d types.BaseVirtualDevice, list object.VirtualDeviceList) int32 {
	if bus, n := controllerKind(d); bus != "" {
		return map[string]int32{"scsi": 1000, "sata": 15000, "nvme": 31000, "ide": 200}[bus] + n
	}
	switch d.(type) {
	case *types.VirtualDisk, *types.VirtualCdrom:
		v := d.GetVirtualDevice()
		var unit int32
		if v.UnitNumber != nil {
			unit = *v.UnitNumber
		}
		bus, n := controllerKind(list.FindByKey(v.ControllerKey))
		switch bus {
		case "scsi":
			return 2000 + 16*n + unit
		case "sata":
			return 16000 + 30*n + unit
		case "nvme":
			return 32000 + 15*n + unit
		}
		return 3000 + 2*n + unit
	case types.BaseVirtualEthernetCard:
		return 4000
	case *types.VirtualUSBController:
		return 7000
	case *types.VirtualUSBXHCIController:
		return 14000
	case *types.VirtualFloppy:
		return 8000
	case *types.VirtualSerialPort:
		return 9000
	case *types.VirtualParallelPort:
		return 10000
	case *types.VirtualTPM:
		return 11000
	case *types.VirtualPCIPassthrough:
		return 13000
	case *types.VirtualUSB:
		return 18000
	}
	return 20000
}

// labelOf is the name that vCenter gives a device; %d is its number among those of its kind.
func labelOf(d types.BaseVirtualDevice) (format string, from int) {
	switch d.(type) {
	case types.BaseVirtualSCSIController:
		return "SCSI controller %d", 0
	case types.BaseVirtualSATAController:
		return "SATA controller %d", 0
	case *types.VirtualNVMEController:
		return "NVME controller %d", 0
	case *types.VirtualDisk:
		return "Hard disk %d", 1
	case *types.VirtualCdrom:
		return "CD/DVD drive %d", 1
	case *types.VirtualSriovEthernetCard:
		return "SR-IOV network adapter %d", 1
	case types.BaseVirtualEthernetCard:
		return "Network adapter %d", 1
	case *types.VirtualSerialPort:
		return "Serial port %d", 1
	case *types.VirtualFloppy:
		return "Floppy drive %d", 1
	case *types.VirtualTPM:
		return "Virtual TPM", 0
	case *types.VirtualPCIPassthrough:
		return "PCI device %d", 0
	case *types.VirtualUSBController:
		return "USB controller", 0
	case *types.VirtualUSBXHCIController:
		return "USB xHCI controller", 0
	}
	return "", 0
}

// deviceCheck is one pass over the device changes of a specification.
type deviceCheck struct {
	ctx       *simulator.Context
	s         *sim
	dc        *simulator.Datacenter
	home      string                // the name of the datastore of the machine
	host      *simulator.HostSystem // nil while none is chosen
	devices   object.VirtualDeviceList
	hardware  int
	on        bool
	snapshots bool
	vm        *simulator.VirtualMachine // nil for a new one

	profiles map[int32][]types.BaseVirtualMachineProfileSpec // by key of the device
}

// run checks and completes the changes in place.
func (c *deviceCheck) run(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	c.profiles = map[int32][]types.BaseVirtualMachineProfileSpec{}
	c.keys(changes)
	for i, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Device == nil {
			return invalidDevice(i, "device")
		}
		var bad types.BaseMethodFault
		switch spec.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
			bad = c.add(i, spec)
		case types.VirtualDeviceConfigSpecOperationEdit:
			bad = c.edit(i, spec)
		case types.VirtualDeviceConfigSpecOperationRemove:
			if bad = c.remove(i, spec); bad == nil {
				c.profiles[spec.Device.GetVirtualDevice().Key] = []types.BaseVirtualMachineProfileSpec{&types.VirtualMachineEmptyProfileSpec{}}
			}
		default:
			bad = invalidDevice(i, "operation")
		}
		if bad != nil {
			return bad
		}
		if spec.Profile != nil {
			c.profiles[spec.Device.GetVirtualDevice().Key] = spec.Profile
		}
	}
	// A controller goes only when nothing hangs on it any more.
	for i, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if _, ok := spec.Device.(types.BaseVirtualController); ok && spec.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			key := spec.Device.GetVirtualDevice().Key
			for _, d := range c.devices {
				if d.GetVirtualDevice().ControllerKey == key {
					return &types.InvalidDeviceOperation{InvalidDeviceSpec: deviceSpecFault(i, "")}
				}
			}
		}
	}
	return nil
}

func deviceSpecFault(i int, property string) types.InvalidDeviceSpec {
	if property != "" {
		property = "virtualDeviceSpec." + property
	}
	return types.InvalidDeviceSpec{InvalidVmConfig: types.InvalidVmConfig{Property: property}, DeviceIndex: int32(i)}
}

func invalidDevice(i int, property string) types.BaseMethodFault {
	f := deviceSpecFault(i, property)
	return &f
}

// tooMany is the fault of a controller that is full. It has no index of the change.
func tooMany(property string) types.BaseMethodFault {
	return &types.TooManyDevices{InvalidVmConfig: types.InvalidVmConfig{Property: "virtualDeviceSpec." + property}}
}

// keys gives the devices that are added the keys vCenter would: controllers first, the others refer to them.
func (c *deviceCheck) keys(changes []types.BaseVirtualDeviceConfigSpec) {
	removed := map[int32]bool{}
	taken := map[int32]bool{}
	for _, d := range c.devices {
		taken[d.GetVirtualDevice().Key] = true
	}
	list := slices.Clone(c.devices)
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Device != nil && spec.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			removed[spec.Device.GetVirtualDevice().Key] = true
		}
	}
	assign := func(d types.BaseVirtualDevice) {
		v := d.GetVirtualDevice()
		old := v.Key
		if v.Key <= 0 || taken[v.Key] {
			v.Key = naturalKey(d, list)
			for taken[v.Key] {
				v.Key++
			}
		}
		taken[v.Key] = true
		list = append(list, d)
		if old >= 0 {
			return
		}
		for _, change := range changes {
			if o := change.GetVirtualDeviceConfigSpec().Device; o != nil && o.GetVirtualDevice().ControllerKey == old {
				o.GetVirtualDevice().ControllerKey = v.Key
			}
		}
	}
	for _, controllers := range []bool{true, false} {
		for _, change := range changes {
			spec := change.GetVirtualDeviceConfigSpec()
			if spec.Device == nil || spec.Operation != types.VirtualDeviceConfigSpecOperationAdd {
				continue
			}
			if _, ok := spec.Device.(types.BaseVirtualController); ok == controllers {
				assign(spec.Device)
			}
		}
	}
}

// address checks controller and unit of a device that is added or changed.
func (c *deviceCheck) address(i int, d types.BaseVirtualDevice) types.BaseMethodFault {
	v := d.GetVirtualDevice()
	switch d.(type) {
	case *types.VirtualDisk, *types.VirtualCdrom:
	default:
		return nil
	}
	controller := c.devices.FindByKey(v.ControllerKey)
	bus, _ := controllerKind(controller)
	if controller == nil || bus == "" {
		return &types.InvalidController{InvalidDeviceSpec: deviceSpecFault(i, "device.controllerKey"), ControllerKey: v.ControllerKey}
	}
	if _, ok := d.(*types.VirtualCdrom); ok && bus == "nvme" {
		return &types.InvalidController{InvalidDeviceSpec: deviceSpecFault(i, "device.controllerKey"), ControllerKey: v.ControllerKey}
	}
	limit := units(controller, c.hardware)
	free := func(unit int32) bool {
		if bus == "scsi" && unit == 7 {
			return false // the controller itself
		}
		for _, o := range c.devices {
			if w := o.GetVirtualDevice(); w.Key != v.Key && w.ControllerKey == v.ControllerKey && w.UnitNumber != nil && *w.UnitNumber == unit {
				return false
			}
		}
		return true
	}
	if v.UnitNumber == nil {
		for unit := range limit {
			if free(unit) {
				v.UnitNumber = &unit
				return nil
			}
		}
		return tooMany("device.unitNumber")
	}
	if *v.UnitNumber < 0 || *v.UnitNumber >= limit || !free(*v.UnitNumber) {
		return invalidDevice(i, "device.unitNumber")
	}
	return nil
}

// hotPlug refuses what needs the machine to be off.
func (c *deviceCheck) hotPlug(i int, d types.BaseVirtualDevice) types.BaseMethodFault {
	if !c.on {
		return nil
	}
	cold := false
	switch d.(type) {
	case *types.VirtualTPM, *types.VirtualPCIPassthrough, *types.VirtualSriovEthernetCard, *types.VirtualSerialPort,
		*types.VirtualParallelPort, *types.VirtualFloppy, *types.VirtualMachineVideoCard, *types.VirtualIDEController:
		cold = true
	case *types.VirtualDisk, *types.VirtualCdrom:
		bus, _ := controllerKind(c.devices.FindByKey(d.GetVirtualDevice().ControllerKey))
		cold = bus == "ide"
	}
	if cold {
		return &types.DeviceHotPlugNotSupported{InvalidDeviceSpec: deviceSpecFault(i, "")}
	}
	return nil
}

func (c *deviceCheck) add(i int, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	d := spec.Device
	v := d.GetVirtualDevice()
	if bad := c.hotPlug(i, d); bad != nil {
		return bad
	}
	if bus, number := controllerKind(d); bus != "" {
		limit := int32(4)
		if bus == "ide" {
			limit = 2
		}
		if number < 0 || number >= limit {
			return invalidDevice(i, "device.busNumber")
		}
		for _, o := range c.devices {
			if b, n := controllerKind(o); b == bus && n == number && o.GetVirtualDevice().Key != v.Key {
				return invalidDevice(i, "device.busNumber")
			}
		}
		if s, ok := d.(types.BaseVirtualSCSIController); ok {
			s.GetVirtualSCSIController().ScsiCtlrUnitNumber = 7
			s.GetVirtualSCSIController().HotAddRemove = bp(true)
			if s.GetVirtualSCSIController().SharedBus == "" {
				s.GetVirtualSCSIController().SharedBus = types.VirtualSCSISharingNoSharing
			}
		}
		if v.ControllerKey == 0 && bus != "ide" {
			v.ControllerKey = 100
		}
		if v.ControllerKey == 100 && (v.UnitNumber == nil) {
			v.UnitNumber = c.pciUnit(map[string]int32{"scsi": 3, "sata": 24, "nvme": 30}[bus])
		}
	}
	if bad := c.address(i, d); bad != nil {
		return bad
	}
	switch x := d.(type) {
	case *types.VirtualDisk:
		if bad := c.addDisk(i, spec, x); bad != nil {
			return bad
		}
	case *types.VirtualTPM:
		if c.only(d) {
			return invalidDevice(i, "device")
		}
	case *types.VirtualUSBController, *types.VirtualUSBXHCIController:
		if c.only(d) {
			return invalidDevice(i, "device")
		}
	case types.BaseVirtualEthernetCard:
		count := 0
		for _, o := range c.devices {
			if _, ok := o.(types.BaseVirtualEthernetCard); ok {
				count++
			}
		}
		if count >= 10 {
			return tooMany("device")
		}
		if bad := c.network(i, d); bad != nil {
			return bad
		}
		card := x.GetVirtualEthernetCard()
		if v.ControllerKey == 0 {
			v.ControllerKey = 100
		}
		if v.UnitNumber == nil {
			v.UnitNumber = c.pciUnit(7)
		}
		if card.MacAddress == "" {
			card.MacAddress = c.s.newMAC()
			card.AddressType = string(types.VirtualEthernetCardMacTypeAssigned)
		} else if card.AddressType == "" {
			card.AddressType = string(types.VirtualEthernetCardMacTypeManual)
		}
		if card.WakeOnLanEnabled == nil {
			card.WakeOnLanEnabled = bp(true)
		}
	}
	if v.Connectable == nil {
		switch d.(type) {
		case types.BaseVirtualEthernetCard, *types.VirtualCdrom, *types.VirtualSerialPort, *types.VirtualFloppy:
			v.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Connected: c.on}
		}
	}
	if bad := c.media(i, d); bad != nil {
		return bad
	}
	c.devices = append(c.devices, d)
	return nil
}

// pciUnit is the first free slot on the PCI controller.
func (c *deviceCheck) pciUnit(from int32) *int32 {
	for unit := from; ; unit++ {
		if !slices.ContainsFunc(c.devices, func(o types.BaseVirtualDevice) bool {
			w := o.GetVirtualDevice()
			return w.ControllerKey == 100 && w.UnitNumber != nil && *w.UnitNumber == unit
		}) {
			return &unit
		}
	}
}

// only reports whether the device is of a type of which a virtual machine has one, and already has it.
func (c *deviceCheck) only(d types.BaseVirtualDevice) bool {
	return slices.ContainsFunc(c.devices, func(o types.BaseVirtualDevice) bool { return reflect.TypeOf(o) == reflect.TypeOf(d) })
}

// store finds the datastore that a path names, among those the host sees.
func (c *deviceCheck) store(name string) *simulator.Datastore {
	among := c.dc.Datastore
	if c.host != nil {
		among = c.host.Datastore
	}
	ds, _ := c.ctx.Map.FindByName(name, among).(*simulator.Datastore)
	return ds
}

// fileOf checks the file of a backing: its datastore has to be there.
func (c *deviceCheck) fileOf(i int, b *types.VirtualDeviceFileBackingInfo) types.BaseMethodFault {
	if b.Datastore != nil && strings.TrimSpace(b.FileName) == "" {
		if ds, ok := c.ctx.Map.Get(*b.Datastore).(*simulator.Datastore); ok {
			b.FileName = "[" + ds.Name + "]"
		}
	}
	if b.FileName == "" || b.FileName == "[]" {
		return nil // beside the machine
	}
	var p object.DatastorePath
	if !p.FromString(b.FileName) {
		return &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: b.FileName}, DatastorePath: b.FileName}
	}
	ds := c.store(p.Datastore)
	if p.Datastore != "" && ds == nil {
		return &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: p.Datastore}, DatastorePath: b.FileName}
	}
	if ds != nil {
		b.Datastore = &ds.Self
	}
	return nil
}

// media checks what a CD-ROM drive, a floppy drive or a serial port is backed by.
func (c *deviceCheck) media(i int, d types.BaseVirtualDevice) types.BaseMethodFault {
	if _, ok := d.(*types.VirtualDisk); ok {
		return nil
	}
	if b, ok := d.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		return c.fileOf(i, b.GetVirtualDeviceFileBackingInfo())
	}
	return nil
}

func normalCapacity(d *types.VirtualDisk) {
	if d.CapacityInBytes == 0 {
		d.CapacityInBytes = d.CapacityInKB * 1024
	}
	d.CapacityInKB = d.CapacityInBytes / 1024
}

// fileKey is how the lists of files name one.
func fileKey(name string) string { return strings.ReplaceAll(name, "] /", "] ") }

func (c *deviceCheck) addDisk(i int, spec *types.VirtualDeviceConfigSpec, d *types.VirtualDisk) types.BaseMethodFault {
	fb, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo)
	if !ok {
		return invalidDevice(i, "device.backing")
	}
	info := fb.GetVirtualDeviceFileBackingInfo()
	creates := spec.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate
	if creates && strings.TrimSpace(info.FileName) == "" {
		info.Datastore = nil // it is not used for configuration
	}
	if bad := c.fileOf(i, info); bad != nil {
		return bad
	}
	// What is made on the datastore of a machine is made beside its configuration, whatever its name is by now.
	if p := (object.DatastorePath{}); creates && p.FromString(info.FileName) && p.Path == "" && p.Datastore == c.home {
		info.FileName = ""
	}
	flat, _ := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	if flat != nil {
		if flat.DiskMode == "" {
			flat.DiskMode = "persistent"
		}
		if flat.Sharing == "" {
			flat.Sharing = string(types.VirtualDiskSharingSharingNone)
		}
	}
	if spec.FileOperation == "" { // an existing file
		var p object.DatastorePath
		if !p.FromString(info.FileName) || p.Path == "" {
			return invalidDevice(i, "device.backing.fileName")
		}
		if kb, ok := c.s.diskCap.Load(fileKey(info.FileName)); ok {
			d.CapacityInKB = kb.(int64)
			d.CapacityInBytes = d.CapacityInKB * 1024
		} else if desc, _, bad := c.ctx.Map.FileManager().DiskDescriptor(c.ctx, &c.dc.Self, info.FileName); bad != nil {
			return &types.FileNotFound{FileFault: types.FileFault{File: info.FileName}}
		} else if n := int64(desc.Capacity()); n > 0 {
			d.CapacityInBytes, d.CapacityInKB = n, n/1024
		}
		if id, ok := c.s.diskUUID.Load(fileKey(info.FileName)); ok && flat != nil {
			flat.Uuid = id.(string)
		}
		return nil
	}
	normalCapacity(d)
	if d.CapacityInBytes <= 0 && (flat == nil || flat.Parent == nil) {
		return invalidDevice(i, "device.capacityInKB")
	}
	if flat != nil && flat.Uuid == "" {
		flat.Uuid = uuid.NewString()
	}
	return nil
}

// network checks what a network adapter is connected to.
func (c *deviceCheck) network(i int, d types.BaseVirtualDevice) types.BaseMethodFault {
	v := d.GetVirtualDevice()
	bad := func() types.BaseMethodFault { return invalidDevice(i, "device.backing") }
	switch b := v.Backing.(type) {
	case nil:
		if e, ok := d.(types.BaseVirtualEthernetCard); !ok || e.GetVirtualEthernetCard().SubnetId == "" {
			return bad()
		}
	case *types.VirtualEthernetCardNetworkBackingInfo:
		if b.DeviceName == "" && b.Network != nil {
			e, ok := c.ctx.Map.Get(*b.Network).(interface{ Reference() ref })
			if !ok || datacenterOf(c.ctx, *b.Network) != c.dc.Self {
				return bad()
			}
			b.DeviceName = entityName(c.ctx, e.Reference())
		}
		e := c.ctx.Map.FindByName(b.DeviceName, c.dc.Network)
		if e == nil || e.Reference().Type == "DistributedVirtualPortgroup" || e.Reference().Type == "DistributedVirtualSwitch" {
			return bad()
		}
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		pg, ok := c.ctx.Map.Get(ref{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey}).(*simulator.DistributedVirtualPortgroup)
		if b.Port.PortgroupKey != "" && (!ok || datacenterOf(c.ctx, pg.Self) != c.dc.Self) {
			return bad()
		}
		if pg != nil && pg.Config.DistributedVirtualSwitch != nil {
			if dvs, ok := c.ctx.Map.Get(*pg.Config.DistributedVirtualSwitch).(*simulator.DistributedVirtualSwitch); ok && b.Port.SwitchUuid != dvs.Uuid {
				return bad()
			}
		}
	}
	return nil
}

func (c *deviceCheck) edit(i int, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	v := spec.Device.GetVirtualDevice()
	at := slices.IndexFunc(c.devices, func(o types.BaseVirtualDevice) bool { return o.GetVirtualDevice().Key == v.Key })
	if at < 0 || reflect.TypeOf(c.devices[at]) != reflect.TypeOf(spec.Device) {
		return invalidDevice(i, "device.key")
	}
	old := c.devices[at]
	if _, ok := old.(*types.VirtualMachineVideoCard); ok {
		if bad := c.hotPlug(i, old); bad != nil {
			return bad
		}
	}
	merged := copyDevices([]types.BaseVirtualDevice{old})[0]
	overlay(reflect.ValueOf(merged).Elem(), reflect.ValueOf(spec.Device).Elem())
	if disk, ok := merged.(*types.VirtualDisk); ok {
		if bad := c.editDisk(i, old.(*types.VirtualDisk), spec.Device.(*types.VirtualDisk), disk); bad != nil {
			return bad
		}
	}
	c.devices[at] = merged
	if bad := c.address(i, merged); bad != nil {
		return bad
	}
	if card, ok := merged.(types.BaseVirtualEthernetCard); ok {
		if bad := c.network(i, merged); bad != nil {
			return bad
		}
		was := old.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		now := card.GetVirtualEthernetCard()
		if now.MacAddress != was.MacAddress {
			if c.on {
				return &types.InvalidPowerState{ExistingState: types.VirtualMachinePowerStatePoweredOn, RequestedState: types.VirtualMachinePowerStatePoweredOff}
			}
			if now.AddressType == was.AddressType {
				now.AddressType = string(types.VirtualEthernetCardMacTypeManual)
			}
		} else if now.AddressType != was.AddressType && now.AddressType != string(types.VirtualEthernetCardMacTypeManual) {
			now.MacAddress = c.s.newMAC()
		}
	}
	if bad := c.media(i, merged); bad != nil {
		return bad
	}
	spec.Device = merged
	return nil
}

func (c *deviceCheck) editDisk(i int, old, asked, merged *types.VirtualDisk) types.BaseMethodFault {
	size := old.CapacityInBytes
	switch {
	case asked.CapacityInBytes != 0 && asked.CapacityInBytes != old.CapacityInBytes:
		size = asked.CapacityInBytes
	case asked.CapacityInKB != 0 && asked.CapacityInKB != old.CapacityInKB:
		size = asked.CapacityInKB * 1024
	}
	if size < old.CapacityInBytes || size > old.CapacityInBytes && c.snapshots {
		return &types.InvalidDeviceOperation{InvalidDeviceSpec: deviceSpecFault(i, "device.capacityInKB")}
	}
	merged.CapacityInBytes, merged.CapacityInKB = size, size/1024
	was, ok := old.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	if b, ok2 := merged.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok && ok2 {
		b.Uuid = was.Uuid
		b.ThinProvisioned, b.EagerlyScrub = was.ThinProvisioned, was.EagerlyScrub // only a move converts
		if bad := c.fileOf(i, &b.VirtualDeviceFileBackingInfo); bad != nil {
			return bad
		}
	}
	return nil
}

func (c *deviceCheck) remove(i int, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	key := spec.Device.GetVirtualDevice().Key
	at := slices.IndexFunc(c.devices, func(o types.BaseVirtualDevice) bool { return o.GetVirtualDevice().Key == key })
	if at < 0 {
		return invalidDevice(i, "device.key")
	}
	if bad := c.hotPlug(i, c.devices[at]); bad != nil {
		return bad
	}
	if disk, ok := c.devices[at].(*types.VirtualDisk); ok && c.snapshots && spec.FileOperation == "" {
		b, flat := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		if flat && b.Parent != nil && !strings.HasPrefix(b.DiskMode, "independent") {
			// The text is vCenter's, the class of the fault is a guess.
			return &types.GenericVmConfigFault{Reason: "Cannot remove virtual disk from the virtual machine because it or one of its parent disks is part of a snapshot of the virtual machine"}
		}
	}
	spec.Device = copyDevices(c.devices[at : at+1])[0] // what is there, not what the caller holds for it
	c.devices = slices.Delete(c.devices, at, at+1)
	return nil
}

// thousands writes a number with commas.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// newMAC is an address of the range that vCenter hands out.
func (s *sim) newMAC() string {
	n := atomic.AddUint32(&s.nextMAC, 1) + 16
	return fmt.Sprintf("00:50:56:%02x:%02x:%02x", 0x80|byte(n>>16)&0x3f, byte(n>>8), byte(n))
}

// entityName is the name of an object, or nothing.
func entityName(ctx *simulator.Context, r ref) string {
	for _, e := range ctx.Map.All(r.Type) {
		if e.Reference() == r {
			return e.Entity().Name
		}
	}
	return ""
}

// houseCdroms gives the CD-ROMs of the machines that govmomi makes, which share an address with the first disk, one on IDE.
func houseCdroms(vm *simulator.VirtualMachine) {
	list := object.VirtualDeviceList(vm.Config.Hardware.Device)
	at := func(controller, unit int32) types.BaseVirtualDevice {
		for _, d := range list {
			v := d.GetVirtualDevice()
			if v.ControllerKey == controller && v.UnitNumber != nil && *v.UnitNumber == unit {
				return d
			}
		}
		return nil
	}
	for _, d := range list {
		cd, ok := d.(*types.VirtualCdrom)
		if !ok {
			continue
		}
		if bus, _ := controllerKind(list.FindByKey(cd.ControllerKey)); bus == "ide" || bus == "sata" {
			continue
		}
		for _, c := range list.SelectByType((*types.VirtualIDEController)(nil)) {
			key := c.GetVirtualDevice().Key
			unit := slices.IndexFunc([]int32{0, 1}, func(n int32) bool { return at(key, n) == nil })
			if unit >= 0 {
				cd.ControllerKey, cd.UnitNumber = key, types.NewInt32(int32(unit))
				break
			}
		}
	}
}

// settleDevices puts the devices of a machine in order after a change: the order of before with what is new at the end,
// labels, the lists of controllers, and what vCenter fills in for disks.
func settleDevices(s *sim, vm *simulator.VirtualMachine, order []int32) {
	devices := slices.Clone(vm.Config.Hardware.Device)
	position := func(d types.BaseVirtualDevice) int {
		if at := slices.Index(order, d.GetVirtualDevice().Key); at >= 0 {
			return at
		}
		return len(order)
	}
	slices.SortStableFunc(devices, func(a, b types.BaseVirtualDevice) int { return position(a) - position(b) })

	taken := map[string]bool{}
	mine := func(label, format string) bool {
		prefix, _, numbered := strings.Cut(format, "%d")
		return strings.HasPrefix(label, prefix) && (numbered || label == prefix)
	}
	for _, d := range devices {
		format, _ := labelOf(d)
		if info := d.GetVirtualDevice().DeviceInfo; info != nil && format != "" && mine(info.GetDescription().Label, format) && !taken[info.GetDescription().Label] {
			taken[info.GetDescription().Label] = true
		} else if info != nil && format != "" {
			info.GetDescription().Label = ""
		}
	}
	for _, d := range devices {
		v := d.GetVirtualDevice()
		format, n := labelOf(d)
		if v.DeviceInfo == nil || format == "" || v.DeviceInfo.GetDescription().Label != "" {
			continue
		}
		label := format
		if strings.Contains(format, "%d") {
			if bus, number := controllerKind(d); bus != "" {
				n = int(number)
			}
			for label = fmt.Sprintf(format, n); taken[label]; n++ {
				label = fmt.Sprintf(format, n+1)
			}
		}
		taken[label] = true
		v.DeviceInfo.GetDescription().Label = label
	}
	files := []string{}
	for _, d := range devices {
		if disk, ok := d.(*types.VirtualDisk); ok {
			if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
				for ; b != nil; b = b.Parent {
					files = append(files, b.FileName)
				}
			}
		}
	}
	s.diskUse.note(vm.Self, files)
	noteFCDs(s, vm.Config.Uuid, devices)
	for _, d := range devices {
		if c, ok := d.(types.BaseVirtualController); ok {
			var keys []int32
			for _, o := range devices {
				if o.GetVirtualDevice().ControllerKey == d.GetVirtualDevice().Key {
					keys = append(keys, o.GetVirtualDevice().Key)
				}
			}
			c.GetVirtualController().Device = keys
		}
		disk, ok := d.(*types.VirtualDisk)
		if !ok {
			continue
		}
		normalCapacity(disk)
		if disk.StorageIOAllocation == nil {
			disk.StorageIOAllocation = &types.StorageIOAllocationInfo{}
		}
		io := disk.StorageIOAllocation
		if io.Limit == nil {
			io.Limit = types.NewInt64(-1)
		}
		if io.Reservation == nil {
			io.Reservation = types.NewInt32(0)
		}
		if io.Shares == nil {
			io.Shares = &types.SharesInfo{Level: types.SharesLevelNormal}
		}
		if n, ok := map[types.SharesLevel]int32{"low": 500, "normal": 1000, "high": 2000}[io.Shares.Level]; ok {
			io.Shares.Shares = n
		}
		if disk.DeviceInfo != nil {
			disk.DeviceInfo.GetDescription().Summary = thousands(disk.CapacityInKB) + " KB"
		}
		disk.DiskObjectId = strings.TrimPrefix(vm.Self.Value, "vm-") + "-" + strconv.Itoa(int(disk.Key))
		if b, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
			if b.Uuid == "" {
				b.Uuid = uuid.NewString()
			}
			s.diskUUID.Store(fileKey(b.FileName), b.Uuid)
			if _, known := s.diskType.Load(fileKey(b.FileName)); !known && b.ThinProvisioned != nil {
				made := types.VirtualDiskTypeThin
				if !*b.ThinProvisioned {
					made = types.VirtualDiskTypePreallocated
					if b.EagerlyScrub != nil && *b.EagerlyScrub {
						made = types.VirtualDiskTypeEagerZeroedThick
					}
				}
				s.diskType.Store(fileKey(b.FileName), string(made))
			}
		}
		if b, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			s.diskCap.Store(fileKey(b.GetVirtualDeviceFileBackingInfo().FileName), disk.CapacityInKB)
		}
	}
	vm.Config.Hardware.Device = devices
}
