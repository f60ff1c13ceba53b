package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The guest of a simulated machine boots: some 200 ms after power-on its tools run, its adapters have addresses, and a
// customization that was asked for has happened. A machine says otherwise in its extraConfig:
//
//	sim.tools          none: there are no tools; a number: they start after so many milliseconds
//	sim.address        none: no address; or those of the first adapter: 10.1.2.3/24,fd00::3/64
//	sim.customization  fail, or fail:MESSAGE: it fails, with a reason where the message is one that vCenter has; never: it starts and does not end
//	sim.shutdown       ignore: the guest does not react to being asked to shut down, to go to standby or to restart
//	sim.room           none: no host has room for the machine; a number: none at the first so many attempts to power it on
//	sim.clone          ignores:PART,…: what a clone of it does not take of its specification: settings, nics, disks, devices, growth (of a snapshot's disks)
//	sim.cdrom          locked: the guest holds its CD-ROM drive; what disconnects it asks a question and waits; another text: the id of another question
//	sim.hotplug        untold: the limit of memory hot-add is not reported
//	sim.bridge         any: the address of the first adapter is on a bridge that has no device
//	sim.redact         any: the guest puts away guestinfo.userdata once it has read it, as cloud-init does
const (
	keyBridge        = "sim.bridge"
	keyRedact        = "sim.redact"
	keyHotPlug       = "sim.hotplug"
	keyClone         = "sim.clone"
	keyCdrom         = "sim.cdrom"
	keyTools         = "sim.tools"
	keyAddress       = "sim.address"
	keyCustomization = "sim.customization"
	keyShutdown      = "sim.shutdown"
	keyRoom          = "sim.room"
)

const bootTime = 200 * time.Millisecond

// dhcp is the network that addresses come from when nothing says otherwise.
var dhcp = netip.MustParsePrefix("10.20.0.1/16")

// dhcp6 is that of DHCPv6.
var dhcp6 = netip.MustParsePrefix("fd20::1/64")

// guest is what a machine's guest remembers from one boot to the next.
type guest struct {
	mu      sync.Mutex
	boot    int // counts, so that what was begun for one boot does not end in the next
	pending *types.CustomizationSpec
	host    string
	nics    map[int32]guestNIC // by key of the device: what customization has set
}

type guestNIC struct {
	addresses []netip.Prefix
	gateways  []string
	dns       *types.NetDnsConfigInfo
	dhcp      types.NetDhcpConfigInfo
}

// origin says how an address was configured.
func (n *guestNIC) origin(a netip.Addr) string {
	options := n.dhcp.Ipv4
	if a.Is6() {
		options = n.dhcp.Ipv6
	}
	switch {
	case a.IsLinkLocalUnicast():
		return string(types.NetIpConfigInfoIpAddressOriginLinklayer)
	case options != nil && options.Enable && (a.Is4() || dhcp6.Contains(a)):
		return string(types.NetIpConfigInfoIpAddressOriginDhcp)
	}
	return string(types.NetIpConfigInfoIpAddressOriginManual)
}

func (n *guestNIC) useDHCP(ipv4, ipv6 bool) {
	n.dhcp = types.NetDhcpConfigInfo{Ipv4: &types.NetDhcpConfigInfoDhcpOptions{Enable: ipv4}, Ipv6: &types.NetDhcpConfigInfoDhcpOptions{Enable: ipv6}}
}

func (s *sim) guestOf(vm ref) *guest {
	g, _ := s.guests.LoadOrStore(vm, &guest{nics: map[int32]guestNIC{}})
	return g.(*guest)
}

// option is a value of extraConfig.
func option(vm *simulator.VirtualMachine, key string) string {
	for _, o := range vm.Config.ExtraConfig {
		if v := o.GetOptionValue(); v.Key == key {
			return fmt.Sprint(v.Value)
		}
	}
	return ""
}

// context is one for what happens by itself.
func (s *sim) context() *simulator.Context {
	return &simulator.Context{
		Context: context.Background(), Map: s.reg,
		Session: &simulator.Session{UserSession: types.UserSession{UserName: ssoDomain + `\vpxd`}, Registry: simulator.NewRegistry(), Map: s.reg},
	}
}

// vmEvent is what every event of a machine holds.
func vmEvent(vm *simulator.VirtualMachine) types.VmEvent {
	return types.VmEvent{Event: types.Event{Vm: &types.VmEventArgument{EntityEventArgument: types.EntityEventArgument{Name: vm.Name}, Vm: vm.Self}}}
}

func (s *sim) post(ctx *simulator.Context, e types.BaseEvent) {
	m := s.reg.EventManager()
	event := e.GetEvent()
	if vm, ok := s.reg.Get(event.Vm.Vm).(*simulator.VirtualMachine); ok && vm.Runtime.Host != nil {
		if h, ok := s.reg.Get(*vm.Runtime.Host).(*simulator.HostSystem); ok {
			event.Host = &types.HostEventArgument{EntityEventArgument: types.EntityEventArgument{Name: h.Name}, Host: h.Self}
			if c := computeOf(ctx, h); c != nil {
				event.ComputeResource = &types.ComputeResourceEventArgument{EntityEventArgument: types.EntityEventArgument{Name: c.Name}, ComputeResource: c.Self}
			}
		}
		if dc, ok := s.reg.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter); ok {
			event.Datacenter = &types.DatacenterEventArgument{EntityEventArgument: types.EntityEventArgument{Name: dc.Name}, Datacenter: dc.Self}
		}
	}
	message := event.FullFormattedMessage
	ctx.WithLock(m, func() {
		m.PostEvent(ctx, &types.PostEvent{EventToPost: e})
		if message != "" {
			event.FullFormattedMessage = message
		}
	})
}

// startGuests has the tools run in the machines of the inventory that are on when it is made.
func (s *sim) startGuests() {
	ctx := s.context()
	for _, e := range s.reg.All("VirtualMachine") {
		vm := e.(*simulator.VirtualMachine)
		houseCdroms(vm)
		settleDevices(s, vm, nil)
		settleAllocation(vm.Config)
		if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			booted(vm, vm.Runtime.PowerState)
			g := s.guestOf(vm.Self)
			g.mu.Lock()
			s.guestUp(ctx, vm, g)
			g.mu.Unlock()
		}
	}
}

// booted keeps the boot time: that of the last power-on, until the machine is powered off. Resuming does not change it.
func booted(vm *simulator.VirtualMachine, state types.VirtualMachinePowerState) {
	switch {
	case state == types.VirtualMachinePowerStatePoweredOff:
		vm.Runtime.BootTime = nil
	case vm.Runtime.BootTime == nil:
		now := time.Now()
		vm.Runtime.BootTime = &now
	}
	vm.Summary.Runtime.BootTime = vm.Runtime.BootTime
}

// powerChanged hears of every change of the power state, with the machine locked.
func (s *sim) powerChanged(vm *simulator.VirtualMachine, state types.VirtualMachinePowerState) {
	booted(vm, state)
	g := s.guestOf(vm.Self)
	g.mu.Lock()
	g.boot++
	boot := g.boot
	g.mu.Unlock()
	vm.Config.HotPlugMemoryLimit, vm.Config.HotPlugMemoryIncrementSize = 0, 0
	if state == types.VirtualMachinePowerStatePoweredOn && option(vm, keyHotPlug) != "untold" {
		vm.Config.HotPlugMemoryLimit, vm.Config.HotPlugMemoryIncrementSize = hotAdd(vm.Config)
	}
	tools := option(vm, keyTools)
	guestDown(vm, tools == "none" || vm.Guest.ToolsStatus == types.VirtualMachineToolsStatusToolsNotInstalled && state != types.VirtualMachinePowerStatePoweredOn)
	if state != types.VirtualMachinePowerStatePoweredOn || tools == "none" {
		return
	}
	delay := bootTime
	if ms, err := strconv.Atoi(tools); err == nil {
		delay = time.Duration(ms) * time.Millisecond
	}
	go s.bootGuest(vm, g, boot, delay)
}

func guestDown(vm *simulator.VirtualMachine, noTools bool) {
	gi := orNew(vm.Guest)
	n := *gi
	n.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)
	n.GuestState = string(types.VirtualMachineGuestStateNotRunning)
	n.IpAddress, n.HostName, n.Net, n.IpStack = "", "", nil, nil
	n.GuestOperationsReady, n.InteractiveGuestOperationsReady = bp(false), bp(false)
	n.ToolsStatus = types.VirtualMachineToolsStatusToolsNotRunning
	version := types.VirtualMachineToolsVersionStatusGuestToolsCurrent
	if noTools {
		n.ToolsStatus = types.VirtualMachineToolsStatusToolsNotInstalled
		n.ToolsVersion = "0"
		version = types.VirtualMachineToolsVersionStatusGuestToolsNotInstalled
	}
	n.ToolsVersionStatus, n.ToolsVersionStatus2 = string(version), string(version)
	vm.Guest = &n
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	summarizeGuest(vm)
}

func summarizeGuest(vm *simulator.VirtualMachine) {
	sum := *orNew(vm.Summary.Guest)
	gi := vm.Guest
	sum.ToolsStatus, sum.ToolsVersionStatus, sum.ToolsVersionStatus2 = gi.ToolsStatus, gi.ToolsVersionStatus, gi.ToolsVersionStatus2
	sum.ToolsRunningStatus, sum.HostName, sum.IpAddress = gi.ToolsRunningStatus, gi.HostName, gi.IpAddress
	vm.Summary.Guest = &sum
	vm.Summary.QuickStats.GuestHeartbeatStatus = vm.GuestHeartbeatStatus
}

// bootGuest is what the guest does after power-on.
func (s *sim) bootGuest(vm *simulator.VirtualMachine, g *guest, boot int, delay time.Duration) {
	ctx := s.context()
	step := func(f func()) bool {
		done := false
		s.reg.WithLock(ctx, vm.Self, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.boot == boot && s.reg.Get(vm.Self) != nil {
				f()
				done = true
			}
		})
		return done
	}
	time.Sleep(delay / 2)
	never := false
	if !step(func() {
		if g.pending != nil {
			s.post(ctx, &types.CustomizationStartedEvent{CustomizationEvent: types.CustomizationEvent{VmEvent: vmEvent(vm)}})
			never = option(vm, keyCustomization) == "never"
		}
	}) {
		return
	}
	time.Sleep(delay / 2)
	step(func() {
		if g.pending != nil && !never {
			s.customized(ctx, vm, g)
		}
		s.guestUp(ctx, vm, g)
	})
}

// guestUp lets the tools run.
func (s *sim) guestUp(ctx *simulator.Context, vm *simulator.VirtualMachine, g *guest) {
	n := *orNew(vm.Guest)
	n.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
	n.ToolsStatus = types.VirtualMachineToolsStatusToolsOk
	n.ToolsVersion, n.ToolsInstallType = "12389", "guestToolsTypeOpenVMTools"
	n.ToolsVersionStatus = string(types.VirtualMachineToolsVersionStatusGuestToolsCurrent)
	n.ToolsVersionStatus2 = n.ToolsVersionStatus
	n.GuestState = string(types.VirtualMachineGuestStateRunning)
	n.GuestId, n.GuestFullName, n.GuestFamily = vm.Config.GuestId, vm.Config.GuestFullName, guestFamily(vm.Config.GuestId)
	n.GuestOperationsReady, n.InteractiveGuestOperationsReady = bp(true), bp(false)
	n.HostName = g.host
	if n.HostName == "" {
		n.HostName = "localhost"
	}
	if option(vm, keyRedact) != "" {
		for _, o := range vm.Config.ExtraConfig {
			if v := o.GetOptionValue(); v.Key == "guestinfo.userdata" {
				v.Value = "---"
			}
		}
		vm.Config.ExtraConfig = slices.DeleteFunc(vm.Config.ExtraConfig, func(o types.BaseOptionValue) bool { return o.GetOptionValue().Key == "guestinfo.userdata.encoding" })
	}
	vm.Guest = &n
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	s.fillGuestNet(ctx, vm, g)
}

// settleGuestNet brings the guest's view of its adapters in step with the devices.
func (s *sim) settleGuestNet(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	if vm.Guest == nil {
		return
	}
	if vm.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		vm.Guest.Net = nil
		return
	}
	g := s.guestOf(vm.Self)
	g.mu.Lock()
	defer g.mu.Unlock()
	s.fillGuestNet(ctx, vm, g)
}

func (s *sim) fillGuestNet(ctx *simulator.Context, vm *simulator.VirtualMachine, g *guest) {
	n := *vm.Guest
	was := n.Net
	n.Net, n.IpStack = nil, nil
	stack := types.GuestStackInfo{IpRouteConfig: &types.NetIpRouteConfigInfo{}, DnsConfig: &types.NetDnsConfigInfo{HostName: n.HostName}}
	address := option(vm, keyAddress)
	first := true
	for _, d := range vm.Config.Hardware.Device {
		e, ok := d.(types.BaseVirtualEthernetCard)
		if !ok {
			continue
		}
		card := e.GetVirtualEthernetCard()
		info := types.GuestNicInfo{
			Network: networkName(ctx, card.Backing), MacAddress: strings.ToLower(card.MacAddress), DeviceConfigId: card.Key,
			Connected: card.Connectable == nil || card.Connectable.Connected,
		}
		var set guestNIC
		fixed := false
		if info.Connected {
			set, fixed = g.nics[card.Key]
			switch {
			case address == "none":
				set = guestNIC{}
				set.useDHCP(false, false)
			case address != "" && first:
				set = guestNIC{}
				set.useDHCP(false, false)
				for _, a := range strings.Split(address, ",") {
					p, err := netip.ParsePrefix(strings.TrimSpace(a))
					if err != nil {
						if ip, err := netip.ParseAddr(strings.TrimSpace(a)); err == nil {
							p = netip.PrefixFrom(ip, 24)
						}
					}
					if p.IsValid() {
						set.addresses = append(set.addresses, p)
					}
				}
			case len(set.addresses) == 0:
				set.addresses = dhcpAddresses(card.MacAddress)
				set.gateways = append(set.gateways, dhcp.Addr().String())
				set.useDHCP(true, false)
			}
		}
		_ = fixed
		info.DnsConfig = set.dns
		if i := slices.IndexFunc(was, func(w types.GuestNicInfo) bool {
			return w.DeviceConfigId == card.Key && len(w.IpAddress) > 0
		}); i >= 0 && info.Connected {
			info.IpAddress, info.IpConfig = was[i].IpAddress, was[i].IpConfig
		} else {
			for _, p := range set.addresses {
				info.IpAddress = append(info.IpAddress, p.Addr().String())
				info.IpConfig = orNew(info.IpConfig)
				info.IpConfig.IpAddress = append(info.IpConfig.IpAddress, types.NetIpConfigInfoIpAddress{
					IpAddress: p.Addr().String(), PrefixLength: int32(p.Bits()), State: "preferred", Origin: set.origin(p.Addr()),
				})
			}
		}
		if info.IpConfig != nil && info.IpConfig.Dhcp == nil {
			info.IpConfig.Dhcp = &set.dhcp
		}
		device := strconv.Itoa(len(n.Net))
		for _, p := range set.addresses {
			stack.IpRouteConfig.IpRoute = append(stack.IpRouteConfig.IpRoute, types.NetIpRouteConfigInfoIpRoute{
				Network: p.Masked().Addr().String(), PrefixLength: int32(p.Bits()), Gateway: types.NetIpRouteConfigInfoGateway{Device: device},
			})
		}
		for _, gw := range set.gateways {
			all := "0.0.0.0"
			if strings.Contains(gw, ":") {
				all = "::"
			}
			stack.IpRouteConfig.IpRoute = append(stack.IpRouteConfig.IpRoute, types.NetIpRouteConfigInfoIpRoute{
				Network: all, Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: gw, Device: device},
			})
		}
		if set.dns != nil {
			stack.DnsConfig = set.dns
		}
		n.Net = append(n.Net, info)
		if first && option(vm, keyBridge) != "" {
			bridge := info
			bridge.DeviceConfigId, bridge.Network, bridge.MacAddress = -1, "", "02:00:00:00:00:01"
			n.Net[len(n.Net)-1].IpAddress, n.Net[len(n.Net)-1].IpConfig = nil, nil
			n.Net = append(n.Net, bridge)
		}
		first = false
	}
	n.IpAddress = ""
	for _, nic := range n.Net {
		for _, a := range nic.IpAddress {
			if ip, err := netip.ParseAddr(a); err == nil && ip.Is4() && !ip.IsLinkLocalUnicast() && n.IpAddress == "" {
				n.IpAddress = a
			}
		}
	}
	n.IpStack = []types.GuestStackInfo{stack}
	vm.Guest = &n
	summarizeGuest(vm)
}

// dhcpAddresses follow from the MAC, which no two machines share.
func dhcpAddresses(mac string) []netip.Prefix {
	hw, err := net.ParseMAC(mac)
	if err != nil || len(hw) != 6 {
		return nil
	}
	a, b := hw[4], hw[5]
	if a == 0 && b < 2 {
		a, b = 255, 250+b
	}
	v6 := netip.AddrFrom16([16]byte{0xfe, 0x80, 8: hw[0] ^ 2, 9: hw[1], 10: hw[2], 11: 0xff, 12: 0xfe, 13: hw[3], 14: hw[4], 15: hw[5]})
	return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 20, a, b}), dhcp.Bits()), netip.PrefixFrom(v6, 64)}
}

// dhcp6Address follows from the MAC, too.
func dhcp6Address(mac string) []netip.Prefix {
	all := dhcpAddresses(mac)
	if len(all) == 0 {
		return nil
	}
	a := all[len(all)-1].Addr().As16()
	copy(a[:8], dhcp6.Masked().Addr().AsSlice()[:8])
	return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom16(a), dhcp6.Bits())}
}

func networkName(ctx *simulator.Context, b types.BaseVirtualDeviceBackingInfo) string {
	switch b := b.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return b.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return entityName(ctx, ref{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey})
	}
	return ""
}

// guestFamily is the family of a guest id.
func guestFamily(id string) string {
	low := strings.ToLower(id)
	switch {
	case strings.HasPrefix(low, "win"):
		return string(types.VirtualMachineGuestOsFamilyWindowsGuest)
	case strings.HasPrefix(low, "darwin"):
		return string(types.VirtualMachineGuestOsFamilyDarwinGuestFamily)
	case strings.HasPrefix(low, "netware"):
		return string(types.VirtualMachineGuestOsFamilyNetwareGuest)
	case strings.HasPrefix(low, "solaris"):
		return string(types.VirtualMachineGuestOsFamilySolarisGuest)
	}
	for _, name := range []string{"linux", "ubuntu", "debian", "rhel", "redhat", "centos", "sles", "suse", "fedora", "asianux", "coreos", "photon", "mandriva", "mandrake", "turbo", "nld9", "oes", "sjds", "crxpod", "vmkernel"} {
		if strings.Contains(low, name) && !strings.HasPrefix(low, "vmkernel") {
			return string(types.VirtualMachineGuestOsFamilyLinuxGuest)
		}
	}
	return string(types.VirtualMachineGuestOsFamilyOtherGuestFamily)
}

// checkCustomization says why a guest cannot be customized so.
func checkCustomization(vm *simulator.VirtualMachine, spec *types.CustomizationSpec) types.BaseMethodFault {
	family := guestFamily(vm.Config.GuestId)
	windows := family == string(types.VirtualMachineGuestOsFamilyWindowsGuest)
	if !windows && family != string(types.VirtualMachineGuestOsFamilyLinuxGuest) {
		return &types.UncustomizableGuest{UncustomizableGuestOS: vm.Config.GuestId}
	}
	cloud := false
	switch spec.Identity.(type) {
	case *types.CustomizationSysprep, *types.CustomizationSysprepText:
		if !windows {
			return &types.CustomizationFault{}
		}
	case *types.CustomizationLinuxPrep:
		if windows {
			return &types.CustomizationFault{}
		}
	case *types.CustomizationCloudinitPrep:
		cloud = true
	}
	cards := int32(0)
	for _, d := range vm.Config.Hardware.Device {
		if _, ok := d.(types.BaseVirtualEthernetCard); ok {
			cards++
		}
	}
	if n := int32(len(spec.NicSettingMap)); n != cards && !(cloud && n == 0) {
		return &types.NicSettingMismatch{NumberOfNicsInSpec: n, NumberOfNicsInVM: cards}
	}
	return nil
}

// customizeNext has the guest customized when it boots next.
func (s *sim) customizeNext(ctx *simulator.Context, vm *simulator.VirtualMachine, spec *types.CustomizationSpec) types.BaseMethodFault {
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		return notWhileOn(vm)
	}
	if bad := checkCustomization(vm, spec); bad != nil {
		return bad
	}
	g := s.guestOf(vm.Self)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending != nil {
		return &types.CustomizationPending{}
	}
	g.pending = spec
	vm.Config.Tools = orNew(vm.Config.Tools)
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config.tools.pendingCustomization", Val: "/tmp/" + randomID()},
		{Name: "guest.customizationInfo", Val: &types.GuestInfoCustomizationInfo{CustomizationStatus: string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING)}},
	})
	return nil
}

func (v *xVM) CustomizeVMTask(ctx *simulator.Context, req *types.CustomizeVM_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "customize", func() (types.AnyType, types.BaseMethodFault) {
		return nil, simOf(ctx).customizeNext(ctx, v.VirtualMachine, &req.Spec)
	})
	return &methods.CustomizeVM_TaskBody{Res: &types.CustomizeVM_TaskResponse{Returnval: id}}
}

func (v *xVM) CheckCustomizationSpec(_ *simulator.Context, req *types.CheckCustomizationSpec) soap.HasFault {
	if bad := checkCustomization(v.VirtualMachine, &req.Spec); bad != nil {
		return &methods.CheckCustomizationSpecBody{Fault_: fault(bad)}
	}
	return &methods.CheckCustomizationSpecBody{Res: &types.CheckCustomizationSpecResponse{}}
}

// customized is the end of a customization: the guest has what the specification says, or an event says why not.
func (s *sim) customized(ctx *simulator.Context, vm *simulator.VirtualMachine, g *guest) {
	spec := g.pending
	g.pending = nil
	event := types.CustomizationEvent{VmEvent: vmEvent(vm)}
	now := time.Now()
	info := &types.GuestInfoCustomizationInfo{CustomizationStatus: string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED), StartTime: &now, EndTime: &now}
	if how := option(vm, keyCustomization); strings.HasPrefix(how, "fail") {
		_, reason, _ := strings.Cut(how, ":")
		info.CustomizationStatus = string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED)
		info.ErrorMsg = strings.TrimSpace(reason)
		event.FullFormattedMessage = "An error occurred while customizing VM " + vm.Name + ". For details reference the log file /var/log/vmware-imc/toolsDeployPkg.log in the guest OS."
		if info.ErrorMsg != "" {
			event.FullFormattedMessage = info.ErrorMsg
		}
		failed := &types.CustomizationFailed{CustomizationEvent: event}
		if slices.Contains(types.CustomizationFailedReasonCode("").Strings(), info.ErrorMsg) {
			failed.Reason = info.ErrorMsg
		}
		s.post(ctx, failed)
	} else {
		g.apply(vm, spec)
		s.post(ctx, &types.CustomizationSucceeded{CustomizationEvent: event})
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "config.tools.pendingCustomization", Val: ""}, {Name: "guest.customizationInfo", Val: info}})
}

func (g *guest) apply(vm *simulator.VirtualMachine, spec *types.CustomizationSpec) {
	var name types.BaseCustomizationName
	domain := ""
	switch id := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		name, domain = id.HostName, id.Domain
	case *types.CustomizationSysprep:
		name = id.UserData.ComputerName
	case *types.CustomizationCloudinitPrep:
		var metadata struct {
			Host string `json:"local-hostname"`
		}
		if json.Unmarshal([]byte(id.Metadata), &metadata) == nil && metadata.Host != "" {
			g.host = metadata.Host
		}
	}
	switch n := name.(type) {
	case *types.CustomizationFixedName:
		g.host = n.Name
	case *types.CustomizationVirtualMachineName:
		g.host = vm.Name
	case *types.CustomizationPrefixName:
		g.host = n.Base + "-1"
	}
	if domain != "" && g.host != "" {
		g.host += "." + domain
	}
	var cards []*types.VirtualEthernetCard
	for _, d := range vm.Config.Hardware.Device {
		if e, ok := d.(types.BaseVirtualEthernetCard); ok {
			cards = append(cards, e.GetVirtualEthernetCard())
		}
	}
	for i, m := range spec.NicSettingMap {
		if i >= len(cards) {
			break
		}
		a := m.Adapter
		n := guestNIC{gateways: a.Gateway, dns: &types.NetDnsConfigInfo{
			HostName: strings.Split(g.host, ".")[0], DomainName: a.DnsDomain, IpAddress: a.DnsServerList, SearchDomain: spec.GlobalIPSettings.DnsSuffixList,
		}}
		if len(n.dns.IpAddress) == 0 {
			n.dns.IpAddress = spec.GlobalIPSettings.DnsServerList
		}
		if n.dns.DomainName == "" {
			n.dns.DomainName = domain
		}
		by4, by6 := false, false
		switch ip := a.Ip.(type) {
		case *types.CustomizationFixedIp:
			bits := 24
			if mask := net.ParseIP(a.SubnetMask).To4(); mask != nil {
				bits, _ = net.IPMask(mask).Size()
			}
			if addr, err := netip.ParseAddr(ip.IpAddress); err == nil {
				n.addresses = append(n.addresses, netip.PrefixFrom(addr, bits))
			}
		default:
			by4 = true
			n.addresses = append(n.addresses, dhcpAddresses(cards[i].MacAddress)[:1]...)
			n.gateways = append(n.gateways, dhcp.Addr().String())
		}
		if v6 := a.IpV6Spec; v6 != nil {
			for _, ip := range v6.Ip {
				switch f := ip.(type) {
				case *types.CustomizationFixedIpV6:
					if addr, err := netip.ParseAddr(f.IpAddress); err == nil {
						n.addresses = append(n.addresses, netip.PrefixFrom(addr, int(f.SubnetMask)))
					}
				case *types.CustomizationDhcpIpV6Generator:
					by6 = true
					n.addresses = append(n.addresses, dhcp6Address(cards[i].MacAddress)...)
				}
			}
			n.gateways = append(n.gateways, v6.Gateway...)
		}
		n.useDHCP(by4, by6)
		g.nics[cards[i].Key] = n
	}
}

func toolsRun(vm *simulator.VirtualMachine) bool {
	return vm.Guest != nil && vm.Guest.ToolsRunningStatus == string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
}

func (v *xVM) ShutdownGuest(ctx *simulator.Context, req *types.ShutdownGuest) soap.HasFault {
	if v.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		if !toolsRun(v.VirtualMachine) {
			return &methods.ShutdownGuestBody{Fault_: fault(&types.ToolsUnavailable{})}
		}
		if option(v.VirtualMachine, keyShutdown) == "ignore" {
			return &methods.ShutdownGuestBody{Res: &types.ShutdownGuestResponse{}}
		}
	}
	return v.VirtualMachine.ShutdownGuest(ctx, req)
}

// StandbyGuest: the machine is suspended once the guest is in standby.
func (v *xVM) StandbyGuest(ctx *simulator.Context, req *types.StandbyGuest) soap.HasFault {
	if v.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		if !toolsRun(v.VirtualMachine) {
			return &methods.StandbyGuestBody{Fault_: fault(&types.ToolsUnavailable{})}
		}
		if option(v.VirtualMachine, keyShutdown) == "ignore" {
			return &methods.StandbyGuestBody{Res: &types.StandbyGuestResponse{}}
		}
	}
	return v.VirtualMachine.StandbyGuest(ctx, req)
}

// RebootGuest: the tools are away for as long as a boot takes.
func (v *xVM) RebootGuest(ctx *simulator.Context, req *types.RebootGuest) soap.HasFault {
	s := simOf(ctx)
	if v.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn && toolsRun(v.VirtualMachine) {
		s.post(ctx, &types.VmGuestRebootEvent{VmEvent: vmEvent(v.VirtualMachine)})
		if option(v.VirtualMachine, keyShutdown) == "ignore" {
			return &methods.RebootGuestBody{Res: &types.RebootGuestResponse{}}
		}
	}
	r := v.VirtualMachine.RebootGuest(ctx, req)
	if r.Fault() == nil {
		s.powerChanged(v.VirtualMachine, types.VirtualMachinePowerStatePoweredOn)
	}
	return r
}

// ResetVMTask: only a machine that is on is reset, and it is on all the time.
func (v *xVM) ResetVMTask(ctx *simulator.Context, _ *types.ResetVM_Task) soap.HasFault {
	s := simOf(ctx)
	id := task(ctx, v.VirtualMachine, "reset", func() (types.AnyType, types.BaseMethodFault) {
		if state := v.Runtime.PowerState; state != types.VirtualMachinePowerStatePoweredOn {
			return nil, &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: state}
		}
		s.post(ctx, &types.VmResettingEvent{VmEvent: vmEvent(v.VirtualMachine)})
		s.powerChanged(v.VirtualMachine, types.VirtualMachinePowerStatePoweredOn)
		return nil, nil
	})
	return &methods.ResetVM_TaskBody{Res: &types.ResetVM_TaskResponse{Returnval: id}}
}

// hasRoom says whether a host has the resources for the machine, at an attempt to power it on.
func (s *sim) hasRoom(vm *simulator.VirtualMachine) bool {
	text := option(vm, keyRoom)
	if text == "" {
		return true
	}
	type room struct {
		text    string
		refused int
	}
	seen, _ := s.rooms.LoadOrStore(vm.Self, &room{})
	r := seen.(*room)
	if r.text != text {
		r.text, r.refused = text, 0
	}
	if n, err := strconv.Atoi(text); err == nil && r.refused >= n {
		return true
	}
	r.refused++
	return false
}
