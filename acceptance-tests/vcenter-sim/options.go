package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// hardwareVersions are those that a host still makes machines of, with the version of ESXi they came with.
var hardwareVersions = []struct {
	number int
	since  string
}{{13, "6.5"}, {14, "6.7"}, {15, "6.7.2"}, {17, "7.0"}, {18, "7.0.1"}, {19, "7.0.2"}, {20, "8.0"}, {21, "8.0.2"}, {22, "9.0"}}

// highestHardware is the newest hardware version of a host: hosts have the version of the vCenter.
func highestHardware(s *sim, _ *simulator.HostSystem) int {
	best := hardwareVersions[0].number
	for _, v := range hardwareVersions {
		if versionAtLeast(s.version, v.since) {
			best = v.number
		}
	}
	return best
}

// limits are how many CPUs and how much memory (MiB) a hardware version takes.
func limits(hardware int) (cpus int32, memory int64) {
	switch {
	case hardware >= 18 || hardware == 0:
		return 768, 24 << 20
	case hardware >= 17:
		return 256, 6128 << 10
	case hardware >= 14:
		return 128, 6128 << 10
	default:
		return 128, 6128 << 10
	}
}

// xEnv answers for the hosts of a compute resource, or for those that a machine may run on.
type xEnv struct{ *simulator.EnvironmentBrowser }

func (b *xEnv) hosts(ctx *simulator.Context) []ref {
	for _, e := range ctx.Map.All("") {
		switch c := e.(type) {
		case *simulator.ClusterComputeResource:
			if c.EnvironmentBrowser != nil && *c.EnvironmentBrowser == b.Self {
				return c.Host
			}
		case *mo.ComputeResource:
			if c.EnvironmentBrowser != nil && *c.EnvironmentBrowser == b.Self {
				return c.Host
			}
		}
	}
	return nil
}

func (b *xEnv) QueryConfigOptionDescriptor(ctx *simulator.Context, req *types.QueryConfigOptionDescriptor) soap.HasFault {
	highest := highestHardware(simOf(ctx), nil)
	res := &types.QueryConfigOptionDescriptorResponse{}
	for _, v := range hardwareVersions {
		if v.number > highest {
			break
		}
		res.Returnval = append(res.Returnval, types.VirtualMachineConfigOptionDescriptor{
			Key: fmt.Sprintf("vmx-%02d", v.number), Description: "ESXi " + v.since + " virtual machine", Host: b.hosts(ctx),
			CreateSupported: true, DefaultConfigOption: v.number == highest, RunSupported: true, UpgradeSupported: true,
		})
	}
	return &methods.QueryConfigOptionDescriptorBody{Res: res}
}

// option builds the configuration options of one hardware version, or nothing when no host has it.
func (b *xEnv) option(ctx *simulator.Context, key string, guests []string) *types.VirtualMachineConfigOption {
	highest := highestHardware(simOf(ctx), nil)
	n := highest
	if key != "" {
		n = hardwareNumber(key)
	}
	if n > highest || n < 3 {
		return nil
	}
	cpus, memory := limits(n)
	o := &types.VirtualMachineConfigOption{
		Version: fmt.Sprintf("vmx-%02d", n), Description: fmt.Sprintf("Virtual hardware version %d", n), DefaultDevice: copyDevices(esx.VirtualDevice),
	}
	o.HardwareOptions.HwVersion = int32(n)
	for c := int32(1); c <= cpus; c++ {
		o.HardwareOptions.NumCPU = append(o.HardwareOptions.NumCPU, c)
	}
	o.HardwareOptions.NumCoresPerSocket = types.IntOption{Min: 1, Max: min(cpus, 128), DefaultValue: 1}
	o.HardwareOptions.MemoryMB = types.LongOption{Min: 4, Max: memory, DefaultValue: 256}
	o.HardwareOptions.NumSupportedWwnPorts = &types.IntOption{Max: 8}
	o.Capabilities.MultipleSnapshotsSupported = true
	var all []types.GuestOsDescriptor
	for _, id := range simulator.GuestID {
		if supportedGuest(string(id), n) {
			all = append(all, guestDescriptor(string(id), n))
		}
	}
	some := slices.DeleteFunc(slices.Clone(all), func(d types.GuestOsDescriptor) bool { return !slices.Contains(guests, d.Id) })
	o.GuestOSDescriptor = some
	if len(some) == 0 { // no match: the whole list
		o.GuestOSDescriptor = all
	}
	return o
}

// supportedGuest: some guests came with a later hardware version.
func supportedGuest(id string, hardware int) bool {
	since := map[string]int{
		"windows11_64Guest": 20, "windows12_64Guest": 20, "windows2022srvNext_64Guest": 20, "rhel9_64Guest": 17, "debian12_64Guest": 20,
		"sles16_64Guest": 19, "other6xLinux64Guest": 20, "other6xLinuxGuest": 20, "vmkernel8Guest": 20,
	}
	return hardware >= since[id]
}

func guestDescriptor(id string, hardware int) types.GuestOsDescriptor {
	cpus, memory := limits(hardware)
	is64 := strings.Contains(id, "64")
	family := guestFamily(id)
	windows := family == string(types.VirtualMachineGuestOsFamilyWindowsGuest)
	modern := is64 && (strings.Contains(id, "2016") || strings.Contains(id, "2019") || strings.Contains(id, "2022") || strings.Contains(id, "windows9") || strings.Contains(id, "windows1"))
	if !is64 {
		memory = min(memory, 64<<10)
	}
	d := types.GuestOsDescriptor{
		Id: id, Family: family, FullName: guestName(id),
		SupportedMaxCPUs: cpus, NumSupportedPhysicalSockets: min(cpus, 128), NumSupportedCoresPerSocket: min(cpus, 128),
		SupportedMinMemMB: 32, SupportedMaxMemMB: int32(min(memory, 1<<30)), RecommendedMemMB: 2048, RecommendedColorDepth: 32,
		SupportedDiskControllerList: []string{"VirtualIDEController", "VirtualLsiLogicController", "VirtualLsiLogicSASController", "ParaVirtualSCSIController", "VirtualAHCIController"},
		RecommendedSCSIController:   "ParaVirtualSCSIController", RecommendedDiskController: "ParaVirtualSCSIController", SupportedNumDisks: 60, RecommendedDiskSizeMB: 16 << 10, RecommendedCdromController: "VirtualAHCIController",
		SupportedEthernetCard: []string{"VirtualE1000", "VirtualE1000e", "VirtualVmxnet3", "VirtualSriovEthernetCard"}, RecommendedEthernetCard: "VirtualVmxnet3",
		SupportsSlaveDisk: bp(true), SmcRequired: family == string(types.VirtualMachineGuestOsFamilyDarwinGuestFamily), SupportsWakeOnLan: true,
		SupportsMemoryHotAdd: is64, SupportsCpuHotAdd: is64, SupportsCpuHotRemove: false,
		SupportedFirmware: []string{"bios", "efi"}, RecommendedFirmware: "bios",
		SupportedUSBControllerList: []string{"VirtualUSBController", "VirtualUSBXHCIController"}, RecommendedUSBController: "VirtualUSBXHCIController",
		SupportsSecureBoot: bp(is64), DefaultSecureBoot: bp(modern),
		Supports3D: true, SupportLevel: "supported", SupportedForCreate: true, VRAMSizeInKB: types.IntOption{Min: 1024, Max: 262144, DefaultValue: 8192},
		NumSupportedFloppyDevices: 2, SupportsPvscsiControllerForBoot: true, SupportsHotPlugPCI: true, SupportsTPM20: bp(is64),
		NumRecommendedPhysicalSockets: 1, NumRecommendedCoresPerSocket: 1,
	}
	if hardware >= 13 {
		d.SupportedDiskControllerList = append(d.SupportedDiskControllerList, "VirtualNVMEController")
	}
	if windows {
		d.RecommendedDiskController, d.RecommendedSCSIController, d.RecommendedEthernetCard = "VirtualLsiLogicSASController", "VirtualLsiLogicSASController", "VirtualE1000e"
		d.RecommendedMemMB = 4096
	}
	if modern || hardware >= 20 && is64 {
		d.RecommendedFirmware = "efi"
	}
	return d
}

// guestName makes a readable name of an id.
func guestName(id string) string {
	name := strings.TrimSuffix(id, "Guest")
	bits := "32-bit"
	if i := strings.LastIndex(name, "64"); i >= 0 {
		name, bits = strings.TrimSuffix(name[:i], "_"), "64-bit"
	}
	return fmt.Sprintf("%s (%s)", name, bits)
}

func (b *xEnv) QueryConfigOption(ctx *simulator.Context, req *types.QueryConfigOption) soap.HasFault {
	o := b.option(ctx, req.Key, nil)
	if o == nil {
		return &methods.QueryConfigOptionBody{Fault_: fault(invalidArgument("key"))}
	}
	return &methods.QueryConfigOptionBody{Res: &types.QueryConfigOptionResponse{Returnval: o}}
}

func (b *xEnv) QueryConfigOptionEx(ctx *simulator.Context, req *types.QueryConfigOptionEx) soap.HasFault {
	key, guests := "", []string(nil)
	if req.Spec != nil {
		key, guests = req.Spec.Key, req.Spec.GuestId
	}
	o := b.option(ctx, key, guests)
	if o == nil {
		return &methods.QueryConfigOptionExBody{Fault_: fault(invalidArgument("spec.key"))}
	}
	return &methods.QueryConfigOptionExBody{Res: &types.QueryConfigOptionExResponse{Returnval: o}}
}
