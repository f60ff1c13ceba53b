package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

type change = types.BaseVirtualDeviceConfigSpec

func scsi(key, bus int32) change {
	c := &types.ParaVirtualSCSIController{}
	c.Key, c.BusNumber, c.SharedBus = key, bus, types.VirtualSCSISharingNoSharing
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: c}
}

func newDisk(controller, unit int32, gib int64, store string) *types.VirtualDeviceConfigSpec {
	d := &types.VirtualDisk{CapacityInKB: gib << 20}
	d.Key, d.ControllerKey, d.UnitNumber = -100-unit, controller, &unit
	d.Backing = &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: "[" + store + "]"}, DiskMode: "persistent", ThinProvisioned: bp(true),
	}
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, FileOperation: types.VirtualDeviceConfigSpecFileOperationCreate, Device: d}
}

func newCard(network string) change {
	c := &types.VirtualVmxnet3{}
	c.Key = -50
	c.Backing = &types.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: network}}
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: c}
}

func (w *world) pool() *object.ResourcePool {
	w.Helper()
	p, err := w.finder.ResourcePool(w.ctx, "DC0_C0/Resources")
	w.ok(err)
	return p
}

func (w *world) store(name string) *object.Datastore {
	w.Helper()
	ds, err := w.finder.Datastore(w.ctx, name)
	w.ok(err)
	return ds
}

func vmSpec(name string, changes ...change) types.VirtualMachineConfigSpec {
	return types.VirtualMachineConfigSpec{
		Name: name, GuestId: "ubuntu64Guest", NumCPUs: 2, MemoryMB: 1024, Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"},
		DeviceChange: append([]change{scsi(-1, 0), newDisk(-1, 0, 1, "LocalDS_0"), newCard("VM Network")}, changes...),
	}
}

func (w *world) tryCreate(s types.VirtualMachineConfigSpec) (*object.VirtualMachine, error) {
	w.Helper()
	t, err := w.folder("vm").CreateVM(w.ctx, s, w.pool(), nil)
	w.ok(err)
	info, err := t.WaitForResultEx(w.ctx)
	if err != nil {
		return nil, err
	}
	return object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference)), nil
}

func (w *world) create(s types.VirtualMachineConfigSpec) *object.VirtualMachine {
	w.Helper()
	vm, err := w.tryCreate(s)
	w.ok(err)
	return vm
}

func (w *world) read(vm object.Reference) mo.VirtualMachine {
	w.Helper()
	var m mo.VirtualMachine
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, vm.Reference(), nil, &m))
	return m
}

func (w *world) disks(vm object.Reference) (list []*types.VirtualDisk) {
	w.Helper()
	for _, d := range w.read(vm).Config.Hardware.Device {
		if disk, ok := d.(*types.VirtualDisk); ok {
			list = append(list, disk)
		}
	}
	return list
}

func file(d *types.VirtualDisk) string {
	return d.Backing.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo().FileName
}

func (w *world) reconfigure(vm *object.VirtualMachine, s types.VirtualMachineConfigSpec) error {
	w.Helper()
	return w.wait(vm.Reconfigure(w.ctx, s))
}

func (w *world) devices(vm *object.VirtualMachine, changes ...change) error {
	w.Helper()
	return w.reconfigure(vm, types.VirtualMachineConfigSpec{DeviceChange: changes})
}

func twoStores(t *testing.T) *world {
	t.Helper()
	w := newWorldOf(t, 2)
	return w
}

func TestNetworkThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	_, err := w.tryCreate(vmSpec("a", newCard("no such network")))
	equal(w, fails[types.InvalidDeviceSpec](w, err).DeviceIndex, int32(3))
	vm := w.create(vmSpec("a"))
	fails[types.InvalidDeviceSpec](w, w.devices(vm, newCard("no such network")))
	_, err = w.tryCreate(vmSpec("b", newDisk(-1, 1, 1, "no such datastore")))
	fails[types.InvalidDatastorePath](w, err)
	bad := vmSpec("b")
	bad.Files.VmPathName = "[no such datastore]"
	_, err = w.tryCreate(bad)
	fails[types.InvalidDatastorePath](w, err)
	_, err = w.tryCreate(vmSpec("a"))
	fails[types.DuplicateName](w, err)
}

// The server chooses the file of a new disk: on the datastore of the machine in its folder, which has the name that the machine
// had when it was made; the reference to a datastore by itself chooses nothing.
func TestFilesOfNewDisks(t *testing.T) {
	w := twoStores(t)
	vm := w.create(vmSpec("a"))
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{Name: "b"}))
	other := newDisk(1000, 3, 1, "")
	ds1 := w.store("LocalDS_1").Reference()
	info := &other.Device.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo).VirtualDeviceFileBackingInfo
	info.FileName, info.Datastore = "", &ds1
	w.ok(w.devices(vm, newDisk(1000, 1, 1, "LocalDS_0"), newDisk(1000, 2, 1, "LocalDS_1"), other))
	var files []string
	for _, d := range w.disks(vm) {
		files = append(files, file(d))
	}
	equal(w, files, []string{"[LocalDS_0] a/a.vmdk", "[LocalDS_0] a/b.vmdk", "[LocalDS_1] b/b.vmdk", "[LocalDS_0] a/b_1.vmdk"})
	taken := w.create(vmSpec("a"))
	w.ok(w.devices(taken, newDisk(1000, 1, 1, "LocalDS_0")))
	equal(w, file(w.disks(taken)[1]), "[LocalDS_0] a_1/a_1.vmdk")
}

func TestTooManyDevices(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	for range 9 {
		w.ok(w.devices(vm, newCard("VM Network")))
	}
	fails[types.TooManyDevices](w, w.devices(vm, newCard("VM Network")))
}

func TestNamesWithSlash(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a/b"))
	m := w.read(vm)
	equal(w, m.Name, "a%2fb")
	equal(w, len(w.disks(vm)), 1)
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{Name: "c/d"}))
	equal(w, w.read(vm).Name, "c%2fd")
	task, err := vm.PowerOn(w.ctx)
	w.ok(err)
	info, err := task.WaitForResultEx(w.ctx)
	w.ok(err)
	equal(w, info.EntityName, "c%2fd")
}

func TestBootTime(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	time := func() any {
		m := w.read(vm)
		equal(w, m.Runtime.BootTime, m.Summary.Runtime.BootTime)
		if m.Runtime.BootTime == nil {
			return nil
		}
		return *m.Runtime.BootTime
	}
	equal(w, time(), nil)
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	on := time()
	if on == nil {
		t.Fatal("a virtual machine that is powered on has no boot time")
	}
	w.ok(w.wait(vm.Suspend(w.ctx)))
	equal(w, time(), on)
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	equal(w, time(), on)
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	equal(w, time(), nil)
}

func TestRemoveCurrentRootSnapshot(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	for _, name := range []string{"one", "two"} {
		w.ok(w.wait(vm.CreateSnapshot(w.ctx, name, "", false, false)))
	}
	w.ok(w.wait(vm.RevertToSnapshot(w.ctx, "one", true)))
	w.ok(w.wait(vm.RemoveSnapshot(w.ctx, "one", false, bp(true))))
	m := w.read(vm)
	equal(w, len(m.Snapshot.RootSnapshotList), 1)
	equal(w, m.Snapshot.RootSnapshotList[0].Name, "two")
	if m.Snapshot.CurrentSnapshot != nil {
		t.Fatal(m.Snapshot.CurrentSnapshot)
	}
	w.ok(w.wait(vm.RemoveSnapshot(w.ctx, "two", true, bp(true))))
	if w.read(vm).Snapshot != nil {
		t.Fatal("a snapshot is left")
	}
}

func TestRelocate(t *testing.T) {
	w := twoStores(t)
	vm := w.create(vmSpec("a", newDisk(-1, 1, 1, "LocalDS_0")))
	ds0, ds1 := w.store("LocalDS_0").Reference(), w.store("LocalDS_1").Reference()
	disk := w.disks(vm)[1]
	id := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).Uuid
	// A single disk.
	w.ok(w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Disk: []types.VirtualMachineRelocateSpecDiskLocator{{DiskId: disk.Key, Datastore: ds1}}}, "")))
	m := w.read(vm)
	equal(w, m.Config.Files.VmPathName, "[LocalDS_0] a/a.vmx")
	equal(w, []string{file(w.disks(vm)[0]), file(w.disks(vm)[1])}, []string{"[LocalDS_0] a/a.vmdk", "[LocalDS_1] a/a.vmdk"})
	equal(w, w.disks(vm)[1].Backing.(*types.VirtualDiskFlatVer2BackingInfo).Uuid, id)
	equal(w, m.Datastore, []types.ManagedObjectReference{ds0, ds1})
	// All of it.
	w.ok(w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Datastore: &ds1}, "")))
	m = w.read(vm)
	equal(w, strings.HasPrefix(m.Config.Files.VmPathName, "[LocalDS_1] a"), true)
	equal(w, m.Datastore, []types.ManagedObjectReference{ds1})
	for _, d := range w.disks(vm) {
		equal(w, strings.HasPrefix(file(d), "[LocalDS_1] a"), true)
	}
	// Host, pool and folder.
	pool, err := w.pool().Create(w.ctx, "p", types.DefaultResourceConfigSpec())
	w.ok(err)
	folder, err := w.folder("vm").CreateFolder(w.ctx, "f")
	w.ok(err)
	hosts, err := w.finder.HostSystemList(w.ctx, "DC0_C0/*")
	w.ok(err)
	p, f := pool.Reference(), folder.Reference()
	for _, h := range hosts {
		host := h.Reference()
		w.ok(w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Host: &host, Pool: &p, Folder: &f}, "")))
		m = w.read(vm)
		equal(w, []types.ManagedObjectReference{*m.Runtime.Host, *m.ResourcePool, *m.Parent}, []types.ManagedObjectReference{host, p, f})
	}
	alone, err := w.finder.HostSystem(w.ctx, "DC0_H0/*")
	w.ok(err)
	h := alone.Reference()
	fails[types.InvalidArgument](w, w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Host: &h}, "")))
	fails[types.InvalidArgument](w, w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Disk: []types.VirtualMachineRelocateSpecDiskLocator{{DiskId: 4711, Datastore: ds0}}}, "")))
	w.ok(w.wait(vm.Destroy(w.ctx)))
}

func TestAddressesOfDevices(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	equal(w, w.disks(vm)[0].Key, int32(2000))
	for _, c := range []change{
		newDisk(1000, 0, 1, "LocalDS_0"),  // taken
		newDisk(1000, 7, 1, "LocalDS_0"),  // the controller
		newDisk(1000, 65, 1, "LocalDS_0"), // beyond
		scsi(-9, 0), scsi(-9, 4),
	} {
		fails[types.InvalidDeviceSpec](w, w.devices(vm, c))
	}
	fails[types.InvalidController](w, w.devices(vm, newDisk(4711, 0, 1, "LocalDS_0")))
	w.ok(w.devices(vm, scsi(-9, 1), scsi(-8, 2), scsi(-7, 3), newDisk(-7, 2, 1, "")))
	equal(w, w.disks(vm)[1].ControllerKey, int32(1003))
	equal(w, w.disks(vm)[1].DeviceInfo.GetDescription().Label, "Hard disk 2")
	controller := &types.ParaVirtualSCSIController{}
	controller.Key = 1003
	remove := func(d types.BaseVirtualDevice, op types.VirtualDeviceConfigSpecFileOperation) change {
		return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, FileOperation: op, Device: d}
	}
	fails[types.InvalidDeviceOperation](w, w.devices(vm, remove(controller, "")))

	// A disk that is removed keeps its file or does not.
	path := file(w.disks(vm)[1])
	w.ok(w.devices(vm, remove(w.disks(vm)[1], "")))
	attach := newDisk(1003, 3, 0, "")
	attach.FileOperation = ""
	attach.Device.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName = path
	w.ok(w.devices(vm, attach))
	equal(w, w.disks(vm)[1].CapacityInBytes, int64(1<<30))
	w.ok(w.devices(vm, remove(w.disks(vm)[1], types.VirtualDeviceConfigSpecFileOperationDestroy), remove(controller, "")))
	attach = newDisk(1000, 3, 0, "")
	attach.FileOperation = ""
	attach.Device.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName = path
	if w.devices(vm, attach) == nil {
		t.Fatal("the file is still there")
	}

	// What is detached outlives the machine, in its folder.
	w.ok(w.devices(vm, newDisk(1000, 4, 1, "")))
	path = file(w.disks(vm)[1])
	w.ok(w.devices(vm, remove(w.disks(vm)[1], "")))
	w.ok(w.wait(vm.Destroy(w.ctx)))
	other := w.create(vmSpec("b"))
	attach = newDisk(1000, 3, 0, "")
	attach.FileOperation = ""
	attach.Device.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName = path
	w.ok(w.devices(other, attach))
}

func TestDisksGrow(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	edit := func(change func(*types.VirtualDisk)) error {
		d := w.disks(vm)[0]
		change(d)
		return w.devices(vm, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: d})
	}
	id := w.disks(vm)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).Uuid
	equal(w, id != "", true)
	equal(w, fails[types.InvalidDeviceOperation](w, edit(func(d *types.VirtualDisk) { d.CapacityInKB, d.CapacityInBytes = 1<<19, 1<<29 })).DeviceIndex, int32(0))
	w.ok(edit(func(d *types.VirtualDisk) { d.CapacityInKB = 2 << 20 }))
	w.ok(edit(func(d *types.VirtualDisk) {
		b := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		b.DiskMode, b.Sharing, b.WriteThrough = "independent_persistent", "sharingMultiWriter", bp(true)
		d.StorageIOAllocation.Limit = types.NewInt64(500)
	}))
	d := w.disks(vm)[0]
	b := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	equal(w, []any{d.CapacityInBytes, b.Uuid, b.DiskMode, b.Sharing, *b.WriteThrough, *b.ThinProvisioned, *d.StorageIOAllocation.Limit, d.StorageIOAllocation.Shares.Shares},
		[]any{int64(2 << 30), id, "independent_persistent", "sharingMultiWriter", true, true, int64(500), int32(1000)})
	w.ok(w.wait(vm.CreateSnapshot(w.ctx, "s", "", false, false)))
	fails[types.InvalidDeviceOperation](w, edit(func(d *types.VirtualDisk) { d.CapacityInKB = 3 << 20 }))
}

func TestReconfigure(t *testing.T) {
	w := newWorld(t)
	s := vmSpec("a")
	s.CpuHotAddEnabled = bp(true)
	vm := w.create(s)
	m := w.read(vm)
	equal(w, []int32{m.Config.CpuAllocation.Shares.Shares, m.Config.MemoryAllocation.Shares.Shares}, []int32{2000, 10240})
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{
		Annotation: "x", SwapPlacement: "hostLocal", NestedHVEnabled: bp(true),
		Flags:         &types.VirtualMachineFlagInfo{EnableLogging: bp(true)},
		BootOptions:   &types.VirtualMachineBootOptions{BootDelay: 5000, EnterBIOSSetup: bp(true)},
		Tools:         &types.ToolsConfigInfo{SyncTimeWithHost: bp(true)},
		ExtraConfig:   []types.BaseOptionValue{&types.OptionValue{Key: "k", Value: "v"}, &types.OptionValue{Key: "none", Value: ""}},
		CpuAllocation: &types.ResourceAllocationInfo{Shares: &types.SharesInfo{Level: types.SharesLevelHigh}, Reservation: types.NewInt64(100)},
		VAppConfig: &types.VmConfigSpec{Property: []types.VAppPropertySpec{{
			ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}, Info: &types.VAppPropertyInfo{Key: 1, Id: "p", Type: "string", UserConfigurable: bp(true)},
		}}},
	}))
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{
		Flags:         &types.VirtualMachineFlagInfo{DiskUuidEnabled: bp(true)},
		BootOptions:   &types.VirtualMachineBootOptions{BootRetryEnabled: bp(true)},
		Tools:         &types.ToolsConfigInfo{ToolsUpgradePolicy: "upgradeAtPowerCycle"},
		ExtraConfig:   []types.BaseOptionValue{&types.OptionValue{Key: "k", Value: ""}},
		CpuAllocation: &types.ResourceAllocationInfo{Limit: types.NewInt64(2000)},
		VAppConfig: &types.VmConfigSpec{Property: []types.VAppPropertySpec{{
			ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationEdit}, Info: &types.VAppPropertyInfo{Key: 1, Value: "v"},
		}}},
		NumCPUs: 4,
	}))
	c := w.read(vm).Config
	p := c.VAppConfig.GetVmConfigInfo().Property[0]
	equal(w, []any{c.SwapPlacement, *c.NestedHVEnabled, *c.Flags.EnableLogging, *c.Flags.DiskUuidEnabled, c.BootOptions.BootDelay, *c.BootOptions.BootRetryEnabled, *c.Tools.SyncTimeWithHost, c.Tools.ToolsUpgradePolicy, p.Id, p.Value},
		[]any{"hostLocal", true, true, true, int64(5000), true, true, "upgradeAtPowerCycle", "p", "v"})
	equal(w, []any{c.CpuAllocation.Shares.Shares, *c.CpuAllocation.Reservation, *c.CpuAllocation.Limit}, []any{int32(8000), int64(100), int64(2000)})
	for _, o := range c.ExtraConfig {
		if k := o.GetOptionValue().Key; k == "k" || k == "none" {
			t.Fatal(o)
		}
	}
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{VAppConfig: &types.VmConfigSpec{Property: []types.VAppPropertySpec{{
		ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationRemove, RemoveKey: int32(1)},
	}}}}))
	equal(w, len(w.read(vm).Config.VAppConfig.GetVmConfigInfo().Property), 0)
	for _, c := range []struct{ set, is []string }{{[]string{"iso"}, []string{"iso"}}, {nil, []string{"iso"}}, {[]string{explicitEmpty}, nil}} {
		w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{VAppConfig: &types.VmConfigSpec{OvfEnvironmentTransport: c.set}}))
		equal(w, w.read(vm).Config.VAppConfig.GetVmConfigInfo().OvfEnvironmentTransport, c.is)
	}
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: explicitEmpty}))
	equal(w, w.read(vm).Config.Annotation, "")

	fails[types.InvalidArgument](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{CpuAllocation: &types.ResourceAllocationInfo{Reservation: types.NewInt64(3000)}}))
	fails[types.InvalidArgument](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{GuestId: "noGuest"}))
	fails[types.InvalidVmConfig](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{EfiSecureBootEnabled: bp(true)}}))
	fails[types.InvalidArgument](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{NumCoresPerSocket: types.NewInt32(3)}))

	w.ok(w.wait(vm.PowerOn(w.ctx)))
	fails[types.MemoryHotPlugNotSupported](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{MemoryMB: 2048}))
	fails[types.CpuHotPlugNotSupported](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 2}))
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 8}))
	fails[types.InvalidPowerState](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{Firmware: "efi"}))
	fails[types.InvalidPowerState](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{NestedHVEnabled: bp(false)}))
	fails[types.DeviceHotPlugNotSupported](w, w.devices(vm, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: &types.VirtualTPM{}}))
}

func TestOtherDevices(t *testing.T) {
	w := newWorld(t)
	card := &types.VirtualMachineVideoCard{VideoRamSizeInKB: 16384}
	card.Key = -77
	vm := w.create(vmSpec("a", &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: card}))
	video := func() *types.VirtualMachineVideoCard {
		for _, d := range w.read(vm).Config.Hardware.Device {
			if v, ok := d.(*types.VirtualMachineVideoCard); ok {
				return v
			}
		}
		return nil
	}
	equal(w, video().VideoRamSizeInKB, int64(16384))
	edit := &types.VirtualMachineVideoCard{NumDisplays: 2, Enable3DSupport: bp(true)}
	edit.Key = 500
	w.ok(w.devices(vm, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: edit}))
	v := video()
	equal(w, []any{v.VideoRamSizeInKB, v.NumDisplays, *v.Enable3DSupport}, []any{int64(16384), int32(2), true})
	sriov := &types.VirtualSriovEthernetCard{}
	sriov.Backing = &types.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "VM Network"}}
	pci := &types.VirtualPCIPassthrough{}
	pci.Backing = &types.VirtualPCIPassthroughDeviceBackingInfo{Id: "0000:01:00.0", DeviceId: "1", SystemId: "s", VendorId: 2}
	tpm := &types.VirtualTPM{}
	for _, d := range []types.BaseVirtualDevice{sriov, pci, tpm} {
		w.ok(w.devices(vm, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: d}))
	}
	keys := map[int32]bool{}
	macs := map[string]bool{}
	for _, d := range w.read(vm).Config.Hardware.Device {
		keys[d.GetVirtualDevice().Key] = true
		if e, ok := d.(types.BaseVirtualEthernetCard); ok {
			macs[e.GetVirtualEthernetCard().MacAddress] = true
		}
	}
	equal(w, []bool{keys[4000], keys[4001], keys[11000], keys[13000]}, []bool{true, true, true, true})
	equal(w, len(macs), 2)
	fails[types.InvalidDeviceSpec](w, w.devices(vm, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: &types.VirtualTPM{}}))
}

func TestClone(t *testing.T) {
	w := twoStores(t)
	s := vmSpec("a", newDisk(-1, 1, 1, "LocalDS_0"))
	s.Annotation, s.Firmware = "template", "efi"
	s.ExtraConfig = []types.BaseOptionValue{&types.OptionValue{Key: "k", Value: "v"}}
	src := w.create(s)
	w.ok(w.wait(src.CreateSnapshot(w.ctx, "s", "", false, false)))
	before := w.read(src)
	ds1 := w.store("LocalDS_1").Reference()
	pool := w.pool().Reference()
	clone := func(name string, spec types.VirtualMachineCloneSpec) (*object.VirtualMachine, error) {
		spec.Location.Pool = &pool
		task, err := src.Clone(w.ctx, w.folder("vm"), name, spec)
		w.ok(err)
		info, err := task.WaitForResultEx(w.ctx)
		if err != nil {
			return nil, err
		}
		return object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference)), nil
	}
	grown := *w.disks(src)[0]
	grown.CapacityInKB, grown.CapacityInBytes = 4<<20, 4<<30
	vm, err := clone("full", types.VirtualMachineCloneSpec{
		Location: types.VirtualMachineRelocateSpec{Disk: []types.VirtualMachineRelocateSpecDiskLocator{
			{DiskId: 2001, Datastore: ds1, DiskBackingInfo: &types.VirtualDiskFlatVer2BackingInfo{ThinProvisioned: bp(false), EagerlyScrub: bp(true)}},
		}},
		Config: &types.VirtualMachineConfigSpec{NumCPUs: 4, Annotation: "clone", DeviceChange: []change{
			&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: &grown}, newCard("VM Network"),
		}},
		PowerOn: true,
	})
	w.ok(err)
	m := w.read(vm)
	disks := w.disks(vm)
	equal(w, []any{m.Config.Hardware.NumCPU, m.Config.Annotation, m.Config.Firmware, m.Runtime.PowerState, len(disks), disks[0].CapacityInKB}, []any{int32(4), "clone", "efi", types.VirtualMachinePowerStatePoweredOn, 2, int64(4 << 20)})
	equal(w, []string{file(disks[0]), file(disks[1])}, []string{"[LocalDS_0] full/full.vmdk", "[LocalDS_1] full/full.vmdk"})
	b := disks[1].Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	equal(w, []bool{*b.ThinProvisioned, *b.EagerlyScrub}, []bool{false, true})
	if m.Config.Uuid == before.Config.Uuid || m.Config.InstanceUuid == before.Config.InstanceUuid {
		t.Fatal("the UUIDs of the source")
	}
	macs := map[string]bool{}
	for _, mac := range append(nics(before), nics(m)...) {
		macs[mac] = true
	}
	equal(w, len(macs), 3)

	linked, err := clone("linked", types.VirtualMachineCloneSpec{
		Location: types.VirtualMachineRelocateSpec{DiskMoveType: "createNewChildDiskBacking"}, Snapshot: before.Snapshot.CurrentSnapshot, Template: true,
	})
	w.ok(err)
	m = w.read(linked)
	equal(w, m.Config.Template, true)
	parent := w.disks(linked)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).Parent
	equal(w, parent.FileName, "[LocalDS_0] a/a.vmdk")
	w.ok(w.wait(linked.Destroy(w.ctx)))
	equal(w, len(w.disks(src)), 2)

	// A clone that fails leaves nothing behind.
	_, err = clone("bad", types.VirtualMachineCloneSpec{Config: &types.VirtualMachineConfigSpec{DeviceChange: []change{newCard("no such network")}}})
	fails[types.InvalidDeviceSpec](w, err)
	if _, err := w.finder.VirtualMachine(w.ctx, "bad"); err == nil {
		t.Fatal("it is there")
	}
}

func nics(m mo.VirtualMachine) (macs []string) {
	for _, d := range m.Config.Hardware.Device {
		if e, ok := d.(types.BaseVirtualEthernetCard); ok {
			macs = append(macs, e.GetVirtualEthernetCard().MacAddress)
		}
	}
	return macs
}

// until waits until a machine looks as it should.
func (w *world) until(vm object.Reference, f func(mo.VirtualMachine) bool) mo.VirtualMachine {
	w.Helper()
	for range 100 {
		if m := w.read(vm); f(m) {
			return m
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.Fatal("it does not come")
	return mo.VirtualMachine{}
}

func TestGuest(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a", newCard("VM Network")))
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	_, err := methods.ShutdownGuest(w.ctx, w.client.Client, &types.ShutdownGuest{This: vm.Reference()})
	fails[types.ToolsUnavailable](w, err)
	running := func(m mo.VirtualMachine) bool { return m.Guest.ToolsRunningStatus == "guestToolsRunning" }
	m := w.until(vm, running)
	equal(w, len(m.Guest.Net), 2)
	for i, n := range m.Guest.Net {
		equal(w, []any{n.MacAddress, n.DeviceConfigId, n.Network, len(n.IpAddress), n.Connected}, []any{nics(m)[i], int32(4000 + i), "VM Network", 2, true})
	}
	equal(w, []any{m.Guest.IpAddress, m.Guest.GuestState, m.GuestHeartbeatStatus, m.Summary.Guest.IpAddress}, []any{m.Guest.Net[0].IpAddress[0], "running", types.ManagedEntityStatusGreen, m.Guest.IpAddress})
	equal(w, len(m.Guest.IpStack[0].IpRouteConfig.IpRoute) >= 2, true)
	w.ok(vm.ShutdownGuest(w.ctx))
	m = w.until(vm, func(m mo.VirtualMachine) bool { return m.Runtime.PowerState == "poweredOff" })
	equal(w, []any{m.Guest.IpAddress, len(m.Guest.Net), m.Guest.ToolsRunningStatus}, []any{"", 0, "guestToolsNotRunning"})

	set := func(key, value string) {
		w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: key, Value: value}}}))
	}
	set(keyAddress, "none")
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	equal(w, w.until(vm, running).Guest.IpAddress, "")
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	set(keyTools, "none")
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	time.Sleep(2 * bootTime)
	equal(w, w.read(vm).Guest.ToolsStatus, types.VirtualMachineToolsStatusToolsNotInstalled)
}

func TestPowerOfGuests(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("a"))
	self := vm.Reference()
	reboot := func() error {
		_, err := methods.RebootGuest(w.ctx, w.client.Client, &types.RebootGuest{This: self})
		return err
	}
	standby := func() error {
		_, err := methods.StandbyGuest(w.ctx, w.client.Client, &types.StandbyGuest{This: self})
		return err
	}
	running := func(m mo.VirtualMachine) bool { return m.Guest.ToolsRunningStatus == "guestToolsRunning" }
	in := func(state types.VirtualMachinePowerState) func(mo.VirtualMachine) bool {
		return func(m mo.VirtualMachine) bool { return m.Runtime.PowerState == state }
	}
	for _, call := range []func() error{reboot, standby, func() error { return w.wait(vm.Reset(w.ctx)) }, func() error { return w.wait(vm.Suspend(w.ctx)) }} {
		fails[types.InvalidPowerState](w, call())
	}
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	fails[types.ToolsUnavailable](w, reboot())
	fails[types.ToolsUnavailable](w, standby())
	w.until(vm, running)
	w.ok(reboot())
	equal(w, running(w.read(vm)), false)
	w.until(vm, running)
	w.ok(w.wait(vm.Reset(w.ctx)))
	equal(w, running(w.read(vm)), false)
	w.until(vm, running)
	w.ok(standby())
	w.until(vm, in("suspended"))
	for _, call := range []func() error{reboot, standby, func() error { return w.wait(vm.Reset(w.ctx)) }, func() error { return vm.ShutdownGuest(w.ctx) }} {
		fails[types.InvalidPowerState](w, call())
	}
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	w.until(vm, running)
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: keyShutdown, Value: "ignore"}}}))
	w.ok(reboot())
	w.ok(standby())
	equal(w, running(w.read(vm)), true)
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: keyRoom, Value: "2"}}}))
	fails[types.InsufficientMemoryResourcesFault](w, w.wait(vm.PowerOn(w.ctx)))
	fails[types.InsufficientMemoryResourcesFault](w, w.wait(vm.PowerOn(w.ctx)))
	w.ok(w.wait(vm.PowerOn(w.ctx)))
}

func (w *world) events(vm object.Reference) (kinds []string) {
	w.Helper()
	list, err := methods.QueryEvents(w.ctx, w.client.Client, &types.QueryEvents{
		This:   *w.client.ServiceContent.EventManager,
		Filter: types.EventFilterSpec{Entity: &types.EventFilterSpecByEntity{Entity: vm.Reference(), Recursion: types.EventFilterSpecRecursionOptionSelf}},
	})
	w.ok(err)
	for _, e := range list.Returnval {
		switch e.(type) {
		case *types.CustomizationStartedEvent:
			kinds = append([]string{"started"}, kinds...)
		case *types.CustomizationSucceeded:
			kinds = append([]string{"succeeded"}, kinds...)
		case *types.CustomizationFailed:
			kinds = append([]string{"failed: " + e.GetEvent().FullFormattedMessage}, kinds...)
		}
	}
	return kinds
}

func TestCustomization(t *testing.T) {
	w := newWorld(t)
	custom := types.CustomizationSpec{
		Identity: &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "web"}, Domain: "example.com"},
		NicSettingMap: []types.CustomizationAdapterMapping{{Adapter: types.CustomizationIPSettings{
			Ip: &types.CustomizationFixedIp{IpAddress: "192.168.7.5"}, SubnetMask: "255.255.255.0", Gateway: []string{"192.168.7.1"}, DnsServerList: []string{"192.168.7.2"},
		}}},
	}
	vm := w.create(vmSpec("a"))
	w.ok(w.wait(vm.Customize(w.ctx, custom)))
	fails[types.CustomizationPending](w, w.wait(vm.Customize(w.ctx, custom)))
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	m := w.until(vm, func(m mo.VirtualMachine) bool { return m.Guest.IpAddress != "" })
	equal(w, []any{m.Guest.IpAddress, m.Guest.HostName, m.Guest.Net[0].IpConfig.IpAddress[0].PrefixLength, m.Guest.Net[0].DnsConfig.IpAddress[0]}, []any{"192.168.7.5", "web.example.com", int32(24), "192.168.7.2"})
	equal(w, w.events(vm), []string{"started", "succeeded"})

	failing := vmSpec("b")
	failing.ExtraConfig = []types.BaseOptionValue{&types.OptionValue{Key: keyCustomization, Value: "fail:no space left"}}
	vm = w.create(failing)
	w.ok(w.wait(vm.Customize(w.ctx, custom)))
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	w.until(vm, func(m mo.VirtualMachine) bool { return m.Guest.IpAddress != "" })
	equal(w, w.events(vm), []string{"started", "failed: no space left"})

	none := custom
	none.NicSettingMap = nil
	check := func(vm object.Reference, spec types.CustomizationSpec) error {
		_, err := methods.CheckCustomizationSpec(w.ctx, w.client.Client, &types.CheckCustomizationSpec{This: vm.Reference(), Spec: spec})
		return err
	}
	w.ok(check(vm, custom))
	fails[types.NicSettingMismatch](w, check(vm, none))
	dos := vmSpec("c")
	dos.GuestId = "dosGuest"
	fails[types.UncustomizableGuest](w, check(w.create(dos), custom))
}

func TestConfigOptions(t *testing.T) {
	w := newWorld(t)
	m := w.read(w.vm())
	list, err := methods.QueryConfigOptionDescriptor(w.ctx, w.client.Client, &types.QueryConfigOptionDescriptor{This: m.EnvironmentBrowser})
	w.ok(err)
	n := len(list.Returnval)
	equal(w, []any{list.Returnval[0].Key, list.Returnval[n-1].Key, list.Returnval[n-1].DefaultConfigOption}, []any{"vmx-13", "vmx-21", true})
	query := func(key string, guests ...string) (*types.VirtualMachineConfigOption, error) {
		r, err := methods.QueryConfigOptionEx(w.ctx, w.client.Client, &types.QueryConfigOptionEx{This: m.EnvironmentBrowser, Spec: &types.EnvironmentBrowserConfigOptionQuerySpec{Key: key, GuestId: guests}})
		if err != nil {
			return nil, err
		}
		return r.Returnval, nil
	}
	o, err := query("vmx-19", "windows2019srv_64Guest")
	w.ok(err)
	d := o.GuestOSDescriptor
	equal(w, []any{o.Version, len(d), d[0].Family, d[0].RecommendedFirmware, d[0].NumSupportedCoresPerSocket > 0, len(d[0].SupportedDiskControllerList) > 0}, []any{"vmx-19", 1, "windowsGuest", "efi", true, true})
	_, err = query("vmx-99")
	fails[types.InvalidArgument](w, err)

	old := vmSpec("a")
	old.Version = "vmx-15"
	vm := w.create(old)
	w.ok(w.wait(vm.UpgradeVM(w.ctx, "vmx-19")))
	equal(w, w.read(vm).Config.Version, "vmx-19")
	fails[types.AlreadyUpgraded](w, w.wait(vm.UpgradeVM(w.ctx, "vmx-19")))
	fails[types.AlreadyUpgraded](w, w.wait(vm.UpgradeVM(w.ctx, "vmx-13")))
	fails[types.InvalidState](w, w.wait(vm.UpgradeVM(w.ctx, "vmx-99")))
	bare := w.create(types.VirtualMachineConfigSpec{Name: "bare", Version: "vmx-14", Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"}})
	fails[types.NoDiskFound](w, w.wait(bare.UpgradeVM(w.ctx, "vmx-19")))
	w.ok(w.wait(vm.UpgradeVM(w.ctx, "")))
	equal(w, w.read(vm).Config.Version, "vmx-21")
}

func TestEvcMode(t *testing.T) {
	w := newWorld(t)
	var si mo.ServiceInstance
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}, []string{"capability.supportedEVCMode"}, &si))
	modes := si.Capability.SupportedEVCMode
	mode := modes[slices.IndexFunc(modes, func(m types.EVCMode) bool { return m.Key == "intel-penryn" })]
	apply := func(vm *object.VirtualMachine, masks []types.HostFeatureMask) error {
		r, err := methods.ApplyEvcModeVM_Task(w.ctx, w.client.Client, &types.ApplyEvcModeVM_Task{This: vm.Reference(), Mask: masks})
		w.ok(err)
		return w.wait(object.NewTask(w.client.Client, r.Returnval), nil)
	}
	vm := w.create(vmSpec("a"))
	w.ok(apply(vm, mode.FeatureMask))
	equal(w, w.read(vm).Runtime.FeatureMask, mode.FeatureMask)
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	fails[types.InvalidPowerState](w, apply(vm, nil))
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	w.ok(apply(vm, nil))
	equal(w, len(w.read(vm).Runtime.FeatureMask), 0)
	old := vmSpec("old")
	old.Version = "vmx-13"
	fails[types.NotSupported](w, apply(w.create(old), mode.FeatureMask))
}

func TestStoragePolicies(t *testing.T) {
	w := newWorld(t)
	c, err := pbm.NewClient(w.ctx, w.client.Client)
	w.ok(err)
	all, err := c.QueryProfile(w.ctx, pbmtypes.PbmProfileResourceType{ResourceType: "STORAGE"}, "")
	w.ok(err)
	profile := func(id string) []types.BaseVirtualMachineProfileSpec {
		return []types.BaseVirtualMachineProfileSpec{&types.VirtualMachineDefinedProfileSpec{ProfileId: id}}
	}
	first, second := all[0].UniqueId, all[1].UniqueId
	s := vmSpec("a")
	s.VmProfile = profile(first)
	s.DeviceChange[1].GetVirtualDeviceConfigSpec().Profile = profile(second)
	vm := w.create(s)
	has := func(kind, key string) (ids []string) {
		list, err := c.QueryAssociatedProfiles(w.ctx, []pbmtypes.PbmServerObjectRef{{ObjectType: kind, Key: key}})
		w.ok(err)
		for _, p := range list[0].ProfileId {
			ids = append(ids, p.UniqueId)
		}
		if list[0].Fault != nil {
			ids = append(ids, "fault")
		}
		return ids
	}
	name := vm.Reference().Value
	equal(w, [][]string{has("virtualMachine", name), has("virtualDiskId", name+":2000"), has("virtualDiskId", name+":1"), has("virtualMachine", "vm-none")},
		[][]string{{first}, {second}, {"fault"}, {"fault"}})
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{VmProfile: profile(second)}))
	equal(w, has("virtualMachine", name), []string{second})
	results, err := c.FetchComplianceResult(w.ctx, []pbmtypes.PbmServerObjectRef{{ObjectType: "virtualMachine", Key: name}, {ObjectType: "virtualMachine", Key: "vm-none"}})
	w.ok(err)
	equal(w, []string{results[0].ComplianceStatus, results[1].ComplianceStatus}, []string{"compliant", "notApplicable"})
	ds := w.store("LocalDS_0").Reference()
	w.ok(w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Disk: []types.VirtualMachineRelocateSpecDiskLocator{{DiskId: 2000, Datastore: ds, Profile: profile(first)}}}, "")))
	equal(w, has("virtualDiskId", name+":2000"), []string{first})
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{VmProfile: []types.BaseVirtualMachineProfileSpec{&types.VirtualMachineDefaultProfileSpec{}}}))
	equal(w, len(has("virtualMachine", name)), 0)
	fails[types.InvalidArgument](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{VmProfile: profile("no such policy")}))
}

func TestPrivilegesOfMachines(t *testing.T) {
	w := newWorld(t, directoryFile(t), func(c *config) { c.enforce = true })
	vm := w.create(vmSpec("a"))
	m := w.authz()
	role, err := m.AddRole(w.ctx, "some", []string{"VirtualMachine.Config.CPUCount", "VirtualMachine.Config.AddNewDisk", "VirtualMachine.Inventory.Create", "VirtualMachine.Provisioning.Clone"})
	w.ok(err)
	dc, err := w.finder.DefaultDatacenter(w.ctx)
	w.ok(err)
	w.ok(m.SetEntityPermissions(w.ctx, dc.Reference(), []types.Permission{{Principal: "CORP\\carl", RoleId: role, Propagate: true}}))
	carl := w.login("CORP\\carl", "c")
	mine := object.NewVirtualMachine(carl.Client, vm.Reference())
	reconfigure := func(s types.VirtualMachineConfigSpec) error { return w.wait(mine.Reconfigure(w.ctx, s)) }
	w.ok(reconfigure(types.VirtualMachineConfigSpec{NumCPUs: 4}))
	lacks := func(err error, want string) {
		t.Helper()
		equal(w, fails[types.NoPermission](w, err).PrivilegeId, want)
	}
	lacks(reconfigure(types.VirtualMachineConfigSpec{MemoryMB: 2048}), "VirtualMachine.Config.Memory")
	lacks(reconfigure(types.VirtualMachineConfigSpec{DeviceChange: []change{newDisk(1000, 3, 1, "")}}), "Datastore.AllocateSpace")
	lacks(reconfigure(types.VirtualMachineConfigSpec{DeviceChange: []change{newCard("VM Network")}}), "VirtualMachine.Config.AddRemoveDevice")
	lacks(w.wait(object.NewFolder(carl.Client, w.folder("vm").Reference()).CreateVM(w.ctx, vmSpec("b"), w.pool(), nil)), "Resource.AssignVMToPool")
	lacks(w.wait(mine.Relocate(w.ctx, types.VirtualMachineRelocateSpec{}, "")), "Resource.ColdMigrate")
	lacks(w.wait(mine.Clone(w.ctx, w.folder("vm"), "c", types.VirtualMachineCloneSpec{})), "VirtualMachine.Inventory.CreateFromExisting")
}

func TestSnapshotsFreezeDisks(t *testing.T) {
	w := twoStores(t)
	vm := w.create(vmSpec("a"))
	take := func(name string) { w.ok(w.wait(vm.CreateSnapshot(w.ctx, name, "", false, false))) }
	disk := func() string { return file(w.disks(vm)[0]) }
	take("one")
	equal(w, disk(), "[LocalDS_0] a/a-000001.vmdk")
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 4, Name: "b"}))
	take("two")
	equal(w, disk(), "[LocalDS_0] a/a-000002.vmdk")
	w.ok(w.wait(vm.RevertToSnapshot(w.ctx, "one", true)))
	m := w.read(vm)
	equal(w, []any{m.Config.Hardware.NumCPU, m.Name, m.Config.Name, disk()}, []any{int32(2), "b", "b", "[LocalDS_0] a/a-000002.vmdk"})
	take("three")
	w.ok(w.wait(vm.RemoveSnapshot(w.ctx, "two", false, bp(true))))
	w.ok(w.wait(vm.RemoveSnapshot(w.ctx, "one", false, bp(true))))
	equal(w, disk(), "[LocalDS_0] a/a-000003.vmdk")
	ds1 := w.store("LocalDS_1").Reference()
	w.ok(w.wait(vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Datastore: &ds1}, "")))
	equal(w, strings.HasPrefix(disk(), "[LocalDS_1] b/"), true)
	w.ok(w.wait(vm.RemoveAllSnapshot(w.ctx, bp(true))))
	equal(w, disk(), "[LocalDS_1] b/b.vmdk")
	equal(w, w.disks(vm)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).Parent == nil, true)
	take("four")
	w.ok(w.wait(vm.Destroy(w.ctx)))
	again := w.create(vmSpec("a")) // nothing is left of it
	equal(w, file(w.disks(again)[0]), "[LocalDS_0] a/a.vmdk")
	var ds mo.Datastore
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, ds1, []string{"summary"}, &ds))
	if left, _ := os.ReadDir(ds.Summary.Url); len(left) != 0 {
		t.Fatal(left)
	}
}

// Many machines at once: nothing hangs, no two share an address, and everything goes again.
func TestManyMachines(t *testing.T) {
	w := twoStores(t)
	template := w.create(vmSpec("template"))
	w.ok(template.MarkAsTemplate(w.ctx))
	folder, err := w.folder("vm").CreateFolder(w.ctx, "many")
	w.ok(err)
	pool, ds1 := w.pool().Reference(), w.store("LocalDS_1").Reference()
	const n = 16
	errs := make(chan error, 2*n)
	wait := func(t *object.Task, err error) (*types.TaskInfo, error) {
		if err != nil {
			return nil, err
		}
		return t.WaitForResultEx(w.ctx)
	}
	run := func(vm *object.VirtualMachine) error {
		for _, step := range []func() (*object.Task, error){
			func() (*object.Task, error) { return vm.Reconfigure(w.ctx, types.VirtualMachineConfigSpec{NumCPUs: 4}) },
			func() (*object.Task, error) { return vm.PowerOn(w.ctx) },
			func() (*object.Task, error) { return vm.CreateSnapshot(w.ctx, "s", "", false, false) },
			func() (*object.Task, error) {
				return vm.Relocate(w.ctx, types.VirtualMachineRelocateSpec{Datastore: &ds1}, "")
			},
			func() (*object.Task, error) { return vm.RemoveAllSnapshot(w.ctx, bp(true)) },
		} {
			if _, err := wait(step()); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range n {
		name := "m" + string(rune('a'+i))
		go func() {
			info, err := wait(folder.CreateVM(w.ctx, vmSpec(name), w.pool(), nil))
			if err == nil {
				err = run(object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference)))
			}
			errs <- err
		}()
		go func() {
			info, err := wait(template.Clone(w.ctx, folder, "c"+name, types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool}}))
			if err == nil {
				err = run(object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference)))
			}
			errs <- err
		}()
	}
	for range 2 * n {
		w.ok(<-errs)
	}
	children, err := folder.Children(w.ctx)
	w.ok(err)
	equal(w, len(children), 2*n)
	seen := map[string]bool{}
	for _, c := range children {
		m := w.until(c, func(m mo.VirtualMachine) bool { return m.Guest.IpAddress != "" })
		if seen[m.Guest.IpAddress] || seen[m.Config.InstanceUuid] {
			t.Fatal(m.Name, m.Guest.IpAddress)
		}
		seen[m.Guest.IpAddress], seen[m.Config.InstanceUuid] = true, true
		w.ok(w.wait(object.NewVirtualMachine(w.client.Client, c.Reference()).PowerOff(w.ctx)))
	}
	w.ok(w.wait(folder.Destroy(w.ctx)))
}

func TestPlacedByStorageDrs(t *testing.T) {
	w := twoStores(t)
	pod, err := w.folder("datastore").CreateStoragePod(w.ctx, "pod")
	w.ok(err)
	ds1 := w.store("LocalDS_1").Reference()
	w.ok(w.wait(pod.MoveInto(w.ctx, []types.ManagedObjectReference{ds1})))
	m := object.NewStorageResourceManager(w.client.Client)
	w.ok(w.wait(m.ConfigureStorageDrsForPod(w.ctx, pod, types.StorageDrsConfigSpec{PodConfigSpec: &types.StorageDrsPodConfigSpec{Enabled: bp(true)}}, true)))
	folder, pool, podRef := w.folder("vm").Reference(), w.pool().Reference(), pod.Reference()
	apply := func(s types.StoragePlacementSpec) *types.ManagedObjectReference {
		t.Helper()
		s.PodSelectionSpec.StoragePod = &podRef
		list, err := m.RecommendDatastores(w.ctx, s)
		w.ok(err)
		task, err := m.ApplyStorageDrsRecommendation(w.ctx, []string{list.Recommendations[0].Key})
		w.ok(err)
		info, err := task.WaitForResultEx(w.ctx)
		w.ok(err)
		return info.Result.(types.ApplyStorageRecommendationResult).Vm
	}
	on := func(vm *types.ManagedObjectReference) {
		t.Helper()
		equal(w, w.read(*vm).Datastore, []types.ManagedObjectReference{ds1})
		equal(w, strings.HasPrefix(file(w.disks(*vm)[0]), "[LocalDS_1] "), true)
	}
	config := vmSpec("a", newDisk(-1, 1, 1, ""))
	config.Files.VmPathName = ""
	vm := apply(types.StoragePlacementSpec{Type: "create", ConfigSpec: &config, Folder: &folder, ResourcePool: &pool})
	on(vm)
	on(apply(types.StoragePlacementSpec{Type: "clone", Vm: vm, CloneName: "b", Folder: &folder, CloneSpec: &types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool}}}))
	other := w.create(vmSpec("c")).Reference()
	equal(w, *apply(types.StoragePlacementSpec{Type: "relocate", Vm: &other, RelocateSpec: &types.VirtualMachineRelocateSpec{}}), other)
	on(&other)
	equal(w, *apply(types.StoragePlacementSpec{Type: "reconfigure", Vm: vm, ConfigSpec: &types.VirtualMachineConfigSpec{DeviceChange: []change{newDisk(1000, 5, 1, "")}}}), *vm)
	equal(w, len(w.disks(*vm)), 3)
	on(vm)
}

func TestMachinesOfVApps(t *testing.T) {
	w := newWorld(t)
	spec := types.DefaultResourceConfigSpec()
	app, err := w.pool().CreateVApp(w.ctx, "app", spec, types.VAppConfigSpec{}, w.folder("vm"))
	w.ok(err)
	inner, err := app.CreateVApp(w.ctx, "inner", spec, types.VAppConfigSpec{}, nil)
	w.ok(err)
	for i, a := range []*object.VirtualApp{app, inner} {
		task, err := a.CreateChildVM(w.ctx, vmSpec("m"+string(rune('0'+i))), nil)
		w.ok(err)
		info, err := task.WaitForResultEx(w.ctx)
		w.ok(err)
		equal(w, *w.read(info.Result.(types.ManagedObjectReference)).ResourcePool, a.Reference())
	}
	update := func(op types.VAppPropertySpec) error {
		return app.UpdateConfig(w.ctx, types.VAppConfigSpec{VmConfigSpec: types.VmConfigSpec{Property: []types.VAppPropertySpec{op}}})
	}
	add := types.VAppPropertySpec{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}, Info: &types.VAppPropertyInfo{Key: 3, Id: "p", Type: "string"}}
	w.ok(update(add))
	fails[types.InvalidArgument](w, update(add))
	w.ok(update(types.VAppPropertySpec{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationEdit}, Info: &types.VAppPropertyInfo{Key: 3, Value: "v"}}))
	var m mo.VirtualApp
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, app.Reference(), []string{"vAppConfig"}, &m))
	p := m.VAppConfig.Property[0]
	equal(w, []string{p.Id, p.Value}, []string{"p", "v"})
	w.ok(update(types.VAppPropertySpec{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationRemove, RemoveKey: int32(3)}}))
}

func TestImports(t *testing.T) {
	w := newWorld(t)
	folder := w.folder("vm")
	bad := vmSpec("a", newCard("no such network"))
	_, err := w.pool().ImportVApp(w.ctx, &types.VirtualMachineImportSpec{ConfigSpec: bad}, folder, nil)
	fails[types.InvalidDeviceSpec](w, err)
	s := vmSpec("a")
	lease, err := w.pool().ImportVApp(w.ctx, &types.VirtualMachineImportSpec{ConfigSpec: s}, folder, nil)
	w.ok(err)
	info, err := lease.Wait(w.ctx, nil)
	w.ok(err)
	w.ok(lease.Complete(w.ctx))
	m := w.read(info.Entity)
	equal(w, []any{w.disks(info.Entity)[0].DeviceInfo.GetDescription().Label, m.Config.SwapPlacement, m.Config.CpuAllocation.Shares.Shares, len(nics(m))}, []any{"Hard disk 1", "inherit", int32(2000), 1})
}

func TestTemplateHasNoBrowserToRead(t *testing.T) {
	w := newWorld(t)
	vm := w.vm()
	w.ok(w.wait(vm.PowerOff(w.ctx)))
	w.ok(vm.MarkAsTemplate(w.ctx))
	pc := property.DefaultCollector(w.client.Client)
	r, err := pc.RetrieveProperties(w.ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{{
		ObjectSet: []types.ObjectSpec{{Obj: vm.Reference()}},
		PropSet:   []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"name", "environmentBrowser"}}},
	}}})
	w.ok(err)
	o := r.Returnval[0]
	_, system := o.MissingSet[0].Fault.Fault.(*types.SystemError)
	equal(w, []any{len(o.PropSet), o.PropSet[0].Name, o.MissingSet[0].Path, system}, []any{1, "name", "environmentBrowser", true})
}

func TestCloneTurnsOnByItself(t *testing.T) {
	w := newWorld(t, func(c *config) { c.settle = 300 * time.Millisecond })
	src := w.create(vmSpec("src"))
	pool, folder := w.pool().Reference(), w.folder("/DC0/vm")
	task, err := src.Clone(w.ctx, folder, "c", types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool}, PowerOn: true})
	w.ok(err)
	info, err := task.WaitForResultEx(w.ctx)
	w.ok(err) // although what follows fails
	vm := object.NewVirtualMachine(w.client.Client, info.Result.(types.ManagedObjectReference))
	equal(w, w.read(vm).Runtime.PowerState, types.VirtualMachinePowerStatePoweredOff)
	fails[types.InvalidState](w, w.wait(vm.PowerOn(w.ctx)))
	time.Sleep(350 * time.Millisecond)
	w.ok(w.wait(vm.PowerOn(w.ctx)))
}

func TestCloneIgnores(t *testing.T) {
	w := newWorld(t)
	spec := vmSpec("src")
	spec.ExtraConfig = []types.BaseOptionValue{&types.OptionValue{Key: keyClone, Value: "ignores:settings,nics"}}
	src := w.create(spec)
	pool, folder := w.pool().Reference(), w.folder("/DC0/vm")
	clone := types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool}, Config: &types.VirtualMachineConfigSpec{
		NumCPUs: 3, InstanceUuid: "50000000-0000-0000-0000-000000000001", DeviceChange: []change{newCard("VM Network")},
	}}
	w.ok(w.wait(src.Clone(w.ctx, folder, "c", clone)))
	vm, err := w.finder.VirtualMachine(w.ctx, "c")
	w.ok(err)
	m, was := w.read(vm), w.read(src)
	equal(w, []any{m.Config.Hardware.NumCPU, m.Config.InstanceUuid, len(m.Config.Hardware.Device)}, []any{was.Config.Hardware.NumCPU, clone.Config.InstanceUuid, len(was.Config.Hardware.Device)})
}

func TestNoDrsNoHost(t *testing.T) {
	w := newWorld(t)
	c, err := w.finder.ClusterComputeResource(w.ctx, "DC0_C0")
	w.ok(err)
	w.ok(w.wait(c.Reconfigure(w.ctx, &types.ClusterConfigSpecEx{DrsConfig: &types.ClusterDrsConfigInfo{Enabled: bp(false)}}, true)))
	_, err = w.tryCreate(vmSpec("a"))
	equal(w, fails[types.InvalidArgument](w, err).InvalidProperty, "spec.pool")
}

func TestHotAddLimit(t *testing.T) {
	w := newWorld(t)
	spec := vmSpec("a")
	spec.GuestId, spec.MemoryMB, spec.MemoryHotAddEnabled = "ubuntu64Guest", 2048, bp(true)
	vm := w.create(spec)
	w.ok(w.wait(vm.PowerOn(w.ctx)))
	equal(w, w.read(vm).Config.HotPlugMemoryLimit, int64(3072))
	fails[types.InvalidVmConfig](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{MemoryMB: 4096}))
	fails[types.InvalidVmConfig](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{MemoryMB: 2052}))
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{MemoryMB: 3072}))
}

func TestLockedDrive(t *testing.T) {
	w := newWorld(t)
	vm := w.vm()
	w.ok(w.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: keyCdrom, Value: "locked"}}}))
	devices, err := vm.Device(w.ctx)
	w.ok(err)
	drive := devices.SelectByType((*types.VirtualCdrom)(nil))[0]
	drive.GetVirtualDevice().Connectable = &types.VirtualDeviceConnectInfo{Connected: false}
	edit := func() (*object.Task, error) {
		return vm.Reconfigure(w.ctx, types.VirtualMachineConfigSpec{DeviceChange: []change{&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: drive}}})
	}
	for _, answer := range []string{"1", "0"} {
		task, err := edit()
		w.ok(err)
		m := w.until(vm, func(m mo.VirtualMachine) bool { return m.Runtime.Question != nil })
		equal(w, m.Runtime.Question.Message[0].Id, "msg.cdromdisconnect.locked")
		w.ok(vm.Answer(w.ctx, m.Runtime.Question.Id, answer))
		if err = w.wait(task, nil); answer == "1" {
			fails[types.GenericVmConfigFault](w, err)
		} else {
			w.ok(err)
		}
	}
}

func TestUnsettledIsNotMarked(t *testing.T) {
	w := newWorld(t, func(c *config) { c.settle = 300 * time.Millisecond })
	vm := w.create(vmSpec("src"))
	equal(w, w.read(vm).DisabledMethod, unsettledMethods)
	if err := vm.MarkAsTemplate(w.ctx); err == nil {
		t.Fatal("a machine that is not ready was marked")
	}
	time.Sleep(350 * time.Millisecond)
	equal(w, len(w.read(vm).DisabledMethod), 0)
	w.ok(vm.MarkAsTemplate(w.ctx))
}

func TestSnapshotIsRenamed(t *testing.T) {
	w := newWorld(t)
	vm := w.create(vmSpec("src"))
	w.ok(w.wait(vm.CreateSnapshot(w.ctx, "base", "first", false, false)))
	root := func() types.VirtualMachineSnapshotTree { return w.read(vm).Snapshot.RootSnapshotList[0] }
	_, err := methods.RenameSnapshot(w.ctx, w.client.Client, &types.RenameSnapshot{This: root().Snapshot, Name: "golden"})
	w.ok(err)
	equal(w, []string{root().Name, root().Description}, []string{"golden", "first"})
}
