package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func init() { // two network adapters that nothing uses
	net := esx.HostConfigInfo.Network
	for i := 2; i < 4; i++ {
		nic := net.Pnic[1]
		nic.Device = "vmnic" + strconv.Itoa(i)
		nic.Key = "key-vim.host.PhysicalNic-" + nic.Device
		nic.Mac = "00:0c:29:81:d8:b" + strconv.Itoa(i)
		net.Pnic = append(net.Pnic, nic)
	}
}

// completeHostNetwork gives the managers of a host's network what the host's configuration says: the simulator's network
// system has a switch without adapters, and all hosts share the services of their virtual adapters.
func completeHostNetwork(ctx *simulator.Context, h *simulator.HostSystem) {
	if h.Config == nil || h.Config.Network == nil {
		return
	}
	if r := h.ConfigManager.NetworkSystem; r != nil {
		if n, ok := ctx.Map.Get(*r).(*simulator.HostNetworkSystem); ok {
			n.Host, n.NetworkInfo = &h.HostSystem, h.Config.Network
		}
	}
	if r := h.ConfigManager.VirtualNicManager; r != nil {
		if m, ok := ctx.Map.Get(*r).(*simulator.HostVirtualNicManager); ok {
			info := h.Config.VirtualNicManagerInfo
			if info == nil {
				info = &types.HostVirtualNicManagerInfo{NetConfig: slices.Clone(m.Info.NetConfig)}
			}
			m.Host, m.Info, h.Config.VirtualNicManagerInfo = &h.HostSystem, *info, info
		}
	}
}

// HostVirtualNicManager: which virtual adapters carry which services.
type xVnicMgr struct {
	*simulator.HostVirtualNicManager
}

// setServices stores the services in the manager and in the configuration of the host.
func setServices(m *simulator.HostVirtualNicManager, services []types.VirtualNicManagerNetConfig) {
	m.Info.NetConfig = services
	if m.Host != nil && m.Host.Config != nil {
		m.Host.Config.VirtualNicManagerInfo = &types.HostVirtualNicManagerInfo{NetConfig: services}
	}
}

func vnicKey(dev string) string { return "key-vim.host.VirtualNic-" + dev }

func (m *xVnicMgr) sel(typ, dev string, on bool) types.BaseMethodFault {
	services := slices.Clone(m.Info.NetConfig)
	i := slices.IndexFunc(services, func(c types.VirtualNicManagerNetConfig) bool { return c.NicType == typ })
	known := slices.ContainsFunc(m.Host.Config.Network.Vnic, func(v types.HostVirtualNic) bool { return v.Device == dev })
	if i < 0 || !known {
		return &types.InvalidArgument{InvalidProperty: map[bool]string{true: "device", false: "nicType"}[i >= 0]}
	}
	key := typ + "." + vnicKey(dev)
	selected := slices.DeleteFunc(slices.Clone(services[i].SelectedVnic), func(k string) bool { return k == key })
	if on {
		if !services[i].MultiSelectAllowed {
			selected = nil
		}
		selected = append(selected, key)
	}
	services[i].SelectedVnic = selected
	setServices(m.HostVirtualNicManager, services)
	return nil
}

func (m *xVnicMgr) SelectVnicForNicType(req *types.SelectVnicForNicType) soap.HasFault {
	if bad := m.sel(req.NicType, req.Device, true); bad != nil {
		return &methods.SelectVnicForNicTypeBody{Fault_: fault(bad)}
	}
	return &methods.SelectVnicForNicTypeBody{Res: &types.SelectVnicForNicTypeResponse{}}
}

func (m *xVnicMgr) DeselectVnicForNicType(req *types.DeselectVnicForNicType) soap.HasFault {
	if bad := m.sel(req.NicType, req.Device, false); bad != nil {
		return &methods.DeselectVnicForNicTypeBody{Fault_: fault(bad)}
	}
	return &methods.DeselectVnicForNicTypeBody{Res: &types.DeselectVnicForNicTypeResponse{}}
}

// HostNetworkSystem: standard switches, their port groups, and virtual adapters of the host.
type xNet struct {
	*simulator.HostNetworkSystem
	host *simulator.HostSystem
}

func (n *xNet) vswitch(name string) *types.HostVirtualSwitch {
	for i := range n.NetworkInfo.Vswitch {
		if v := &n.NetworkInfo.Vswitch[i]; v.Name == name {
			return v
		}
	}
	return nil
}

func (n *xNet) portgroup(name string) *types.HostPortGroup {
	for i := range n.NetworkInfo.Portgroup {
		if p := &n.NetworkInfo.Portgroup[i]; p.Spec.Name == name {
			return p
		}
	}
	return nil
}

func nicsOf(b types.BaseHostVirtualSwitchBridge) []string {
	switch b := b.(type) {
	case *types.HostVirtualSwitchBondBridge:
		return b.NicDevice
	case *types.HostVirtualSwitchSimpleBridge:
		return []string{b.NicDevice}
	}
	return nil
}

// bridge refuses physical adapters that do not exist or that another switch has, standard or distributed.
func (n *xNet) bridge(ctx *simulator.Context, name string, s *types.HostVirtualSwitchSpec, missing types.BaseMethodFault) types.BaseMethodFault {
	for _, nic := range nicsOf(s.Bridge) {
		if !slices.ContainsFunc(n.NetworkInfo.Pnic, func(p types.PhysicalNic) bool { return p.Device == nic }) {
			return missing
		}
		for _, other := range n.NetworkInfo.Vswitch {
			if other.Name != name && slices.Contains(nicsOf(other.Spec.Bridge), nic) {
				return &types.ResourceInUse{Type: "PhysicalNic", Name: nic}
			}
		}
		if n.host != nil && proxyUses(ctx, n.host.Self, nic) {
			return &types.ResourceInUse{Type: "PhysicalNic", Name: nic}
		}
	}
	if p := s.Policy; p != nil && p.NicTeaming != nil && p.NicTeaming.NicOrder != nil {
		o := p.NicTeaming.NicOrder
		for _, nic := range slices.Concat(o.ActiveNic, o.StandbyNic) {
			if !slices.Contains(nicsOf(s.Bridge), nic) {
				return &types.HostConfigFault{}
			}
		}
	}
	return nil
}

// proxyUses reports whether a distributed switch has a physical adapter of a host.
func proxyUses(ctx *simulator.Context, host ref, nic string) bool {
	for _, e := range ctx.Map.All("DistributedVirtualSwitch") {
		s, ok := e.(*simulator.DistributedVirtualSwitch)
		if !ok || s.Config == nil {
			continue
		}
		for _, m := range s.Config.GetDVSConfigInfo().Host {
			b, ok := m.Config.Backing.(*types.DistributedVirtualSwitchHostMemberPnicBacking)
			if !ok || m.Config.Host == nil || *m.Config.Host != host {
				continue
			}
			if slices.ContainsFunc(b.PnicSpec, func(p types.DistributedVirtualSwitchHostMemberPnicSpec) bool { return p.PnicDevice == nic }) {
				return true
			}
		}
	}
	return false
}

// put stores a switch: what is not given has the default of ESXi.
func (n *xNet) put(v *types.HostVirtualSwitch, s types.HostVirtualSwitchSpec) {
	if s.NumPorts == 0 {
		s.NumPorts = 128
	}
	policy := switchPolicy(s.Policy)
	if s.Policy == nil || s.Policy.NicTeaming == nil || s.Policy.NicTeaming.NicOrder == nil {
		policy.NicTeaming.NicOrder = &types.HostNicOrderPolicy{ActiveNic: slices.Clone(nicsOf(s.Bridge))}
	}
	s.Policy = &policy
	v.Spec, v.NumPorts, v.NumPortsAvailable = s, 1536, 1530
	if v.Mtu = s.Mtu; v.Mtu == 0 {
		v.Mtu = 1500
	}
	v.Pnic = nil
	for _, nic := range nicsOf(s.Bridge) {
		v.Pnic = append(v.Pnic, "key-vim.host.PhysicalNic-"+nic)
	}
	for i := range n.NetworkInfo.Portgroup {
		if p := &n.NetworkInfo.Portgroup[i]; p.Spec.VswitchName == v.Name {
			p.ComputedPolicy = computedPolicy(s.Policy, &p.Spec.Policy)
		}
	}
}

// switchPolicy is the policy of a switch, with the defaults of ESXi.
func switchPolicy(p *types.HostNetworkPolicy) types.HostNetworkPolicy {
	f, t := false, true
	d := types.HostNetworkPolicy{
		Security: &types.HostNetworkSecurityPolicy{AllowPromiscuous: &f, MacChanges: &t, ForgedTransmits: &t},
		NicTeaming: &types.HostNicTeamingPolicy{
			Policy: "loadbalance_srcid", ReversePolicy: &t, NotifySwitches: &t, RollingOrder: &f,
			FailureCriteria: &types.HostNicFailureCriteria{CheckSpeed: "minimum", Speed: 10, CheckDuplex: &f, FullDuplex: &f, CheckErrorPercent: &f, CheckBeacon: &f},
			NicOrder:        &types.HostNicOrderPolicy{},
		},
		OffloadPolicy: &types.HostNetOffloadCapabilities{CsumOffload: &t, TcpSegmentation: &t, ZeroCopyXmit: &t},
		ShapingPolicy: &types.HostNetworkTrafficShapingPolicy{Enabled: &f},
	}
	return computedPolicy(&d, p)
}

// computedPolicy is the policy of a port group: what it does not set is that of its switch.
func computedPolicy(base, own *types.HostNetworkPolicy) types.HostNetworkPolicy {
	d := *base
	if own == nil {
		return d
	}
	mergeStruct(reflect.ValueOf(&d).Elem(), reflect.ValueOf(own).Elem())
	// The order of adapters is set as a whole.
	if own.NicTeaming != nil && own.NicTeaming.NicOrder != nil {
		team := *d.NicTeaming
		team.NicOrder = own.NicTeaming.NicOrder
		d.NicTeaming = &team
	}
	return d
}

func (n *xNet) AddVirtualSwitch(ctx *simulator.Context, req *types.AddVirtualSwitch) soap.HasFault {
	b := &methods.AddVirtualSwitchBody{}
	spec := types.HostVirtualSwitchSpec{}
	if req.Spec != nil {
		spec = *req.Spec
	}
	if n.vswitch(req.VswitchName) != nil {
		b.Fault_ = fault(&types.AlreadyExists{Name: req.VswitchName})
		return b
	}
	if bad := n.bridge(ctx, req.VswitchName, &spec, &types.HostConfigFault{}); bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	n.NetworkInfo.Vswitch = append(n.NetworkInfo.Vswitch, types.HostVirtualSwitch{
		Name: req.VswitchName, Key: "key-vim.host.VirtualSwitch-" + req.VswitchName,
	})
	n.put(n.vswitch(req.VswitchName), spec)
	b.Res = &types.AddVirtualSwitchResponse{}
	return b
}

func (n *xNet) UpdateVirtualSwitch(ctx *simulator.Context, req *types.UpdateVirtualSwitch) soap.HasFault {
	b := &methods.UpdateVirtualSwitchBody{}
	v := n.vswitch(req.VswitchName)
	if v == nil {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	if bad := n.bridge(ctx, req.VswitchName, &req.Spec, &types.NotFound{}); bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	n.put(v, req.Spec)
	b.Res = &types.UpdateVirtualSwitchResponse{}
	return b
}

// users are the virtual adapters and machines of the host on a port group.
func (n *xNet) users(ctx *simulator.Context, name string) []string {
	var found []string
	for _, v := range n.NetworkInfo.Vnic {
		if v.Portgroup == name {
			found = append(found, v.Device)
		}
	}
	if n.host == nil {
		return found
	}
	for _, r := range n.host.Vm {
		vm, ok := ctx.Map.Get(r).(*simulator.VirtualMachine)
		if !ok || vm.Config == nil {
			continue
		}
		for _, d := range vm.Config.Hardware.Device {
			if b, ok := d.GetVirtualDevice().Backing.(*types.VirtualEthernetCardNetworkBackingInfo); ok && b.DeviceName == name {
				found = append(found, vm.Name)
			}
		}
	}
	return found
}

func (n *xNet) RemoveVirtualSwitch(ctx *simulator.Context, req *types.RemoveVirtualSwitch) soap.HasFault {
	b := &methods.RemoveVirtualSwitchBody{}
	if n.vswitch(req.VswitchName) == nil {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	var groups []string
	for _, p := range n.NetworkInfo.Portgroup {
		if p.Spec.VswitchName == req.VswitchName {
			groups = append(groups, p.Spec.Name)
		}
	}
	for _, name := range groups {
		if len(n.users(ctx, name)) > 0 {
			b.Fault_ = fault(&types.ResourceInUse{Type: "VirtualSwitch", Name: req.VswitchName})
			return b
		}
	}
	for _, name := range groups {
		n.removeGroup(ctx, name)
	}
	n.NetworkInfo.Vswitch = slices.DeleteFunc(n.NetworkInfo.Vswitch, func(v types.HostVirtualSwitch) bool { return v.Name == req.VswitchName })
	b.Res = &types.RemoveVirtualSwitchResponse{}
	return b
}

// network is the network of a name in the datacenter of the host, which is that of all its hosts.
func (n *xNet) network(ctx *simulator.Context, name string) *mo.Network {
	for _, e := range ctx.Map.All("Network") {
		if w, ok := e.(*mo.Network); ok && w.Name == name && n.host != nil && datacenterOf(ctx, w.Self) == datacenterOf(ctx, n.host.Self) {
			return w
		}
	}
	return nil
}

// alone runs a method of the simulator on a network system that has one switch with one port group.
func (n *xNet) alone(vswitch, group string, f func()) {
	info := n.NetworkInfo
	n.NetworkInfo = &types.HostNetworkInfo{Vswitch: []types.HostVirtualSwitch{{Name: vswitch, Portgroup: []string{group}}}}
	defer func() { n.NetworkInfo = info }()
	f()
}

func (n *xNet) AddPortGroup(ctx *simulator.Context, req *types.AddPortGroup) soap.HasFault {
	b := &methods.AddPortGroupBody{}
	name, v := req.Portgrp.Name, n.vswitch(req.Portgrp.VswitchName)
	switch {
	case name == "":
		b.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "name"})
	case v == nil:
		b.Fault_ = fault(&types.NotFound{})
	case n.portgroup(name) != nil:
		b.Fault_ = fault(&types.AlreadyExists{Name: name})
	case req.Portgrp.VlanId < 0 || req.Portgrp.VlanId > 4095:
		b.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "vlanId"})
	}
	if b.Fault_ != nil {
		return b
	}
	if n.network(ctx, name) == nil {
		n.alone(v.Name, "", func() {
			if r := n.HostNetworkSystem.AddPortGroup(ctx, req); r.Fault() != nil {
				b.Fault_ = r.Fault()
			}
		})
		if b.Fault_ != nil {
			return b
		}
	}
	if w := n.network(ctx, name); w != nil {
		joinNetwork(ctx, n.host, w, w)
	}
	key := "key-vim.host.PortGroup-" + name
	v.Portgroup = append(v.Portgroup, key)
	n.NetworkInfo.Portgroup = append(n.NetworkInfo.Portgroup, types.HostPortGroup{
		Key: key, Vswitch: v.Key, Spec: req.Portgrp, ComputedPolicy: computedPolicy(v.Spec.Policy, &req.Portgrp.Policy),
	})
	b.Res = &types.AddPortGroupResponse{}
	return b
}

// joinNetwork makes a network one of a host and of its cluster.
func joinNetwork(ctx *simulator.Context, h *simulator.HostSystem, w *mo.Network, o mo.Reference) {
	add := func(o mo.Reference, list *[]ref, r ref) {
		if !slices.Contains(*list, r) {
			ctx.Map.AppendReference(ctx, o, list, r)
		}
	}
	add(h, &h.Network, w.Self)
	add(o, &w.Host, h.Self)
	if c := computeOf(ctx, h); c != nil {
		add(ctx.Map.Get(*h.Parent), &c.Network, w.Self)
	}
}

func (n *xNet) UpdatePortGroup(req *types.UpdatePortGroup) soap.HasFault {
	b := &methods.UpdatePortGroupBody{}
	p, v := n.portgroup(req.PgName), n.vswitch(req.Portgrp.VswitchName)
	if p == nil || v == nil {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	p.Spec = req.Portgrp
	p.ComputedPolicy = computedPolicy(v.Spec.Policy, &req.Portgrp.Policy)
	b.Res = &types.UpdatePortGroupResponse{}
	return b
}

func (n *xNet) RemovePortGroup(ctx *simulator.Context, req *types.RemovePortGroup) soap.HasFault {
	b := &methods.RemovePortGroupBody{}
	switch {
	case n.portgroup(req.PgName) == nil:
		b.Fault_ = fault(&types.NotFound{})
	case len(n.users(ctx, req.PgName)) > 0:
		b.Fault_ = fault(&types.ResourceInUse{Type: "PortGroup", Name: req.PgName})
	default:
		n.removeGroup(ctx, req.PgName)
		b.Res = &types.RemovePortGroupResponse{}
	}
	return b
}

// removeGroup removes a port group; the network goes with the last host that has it.
func (n *xNet) removeGroup(ctx *simulator.Context, name string) {
	key := "key-vim.host.PortGroup-" + name
	for i := range n.NetworkInfo.Vswitch {
		v := &n.NetworkInfo.Vswitch[i]
		v.Portgroup = slices.DeleteFunc(v.Portgroup, func(k string) bool { return k == key })
	}
	n.NetworkInfo.Portgroup = slices.DeleteFunc(n.NetworkInfo.Portgroup, func(p types.HostPortGroup) bool { return p.Spec.Name == name })
	w := n.network(ctx, name)
	if w == nil {
		return
	}
	ctx.Map.RemoveReference(ctx, n.host, &n.host.Network, w.Self)
	ctx.Map.RemoveReference(ctx, w, &w.Host, n.host.Self)
	if c := computeOf(ctx, n.host); c != nil {
		others := slices.ContainsFunc(c.Host, func(r ref) bool { return slices.Contains(w.Host, r) })
		if !others {
			ctx.Map.RemoveReference(ctx, ctx.Map.Get(*n.host.Parent), &c.Network, w.Self)
		}
	}
	if len(w.Host) == 0 {
		n.alone("", name, func() { n.HostNetworkSystem.RemovePortGroup(ctx, &types.RemovePortGroup{PgName: name}) })
	}
}

// vnicPort is the port of a virtual adapter on a standard port group.
func (n *xNet) connect(v *types.HostVirtualNic) {
	for i := range n.NetworkInfo.Portgroup {
		p := &n.NetworkInfo.Portgroup[i]
		p.Port = slices.DeleteFunc(p.Port, func(x types.HostPortGroupPort) bool { return x.Key == v.Port })
	}
	v.Port = ""
	if p := n.portgroup(v.Portgroup); p != nil {
		v.Port = "key-vim.host.PortGroup.Port-" + strings.TrimPrefix(v.Device, "vmk")
		p.Port = append(p.Port, types.HostPortGroupPort{Key: v.Port, Mac: []string{v.Spec.Mac}, Type: "host"})
	}
}

// checkNic refuses a virtual adapter on a port group, switch or network stack that does not exist.
func (n *xNet) checkNic(ctx *simulator.Context, group string, s *types.HostVirtualNicSpec) types.BaseMethodFault {
	if d := s.DistributedVirtualPort; d != nil {
		for _, e := range ctx.Map.All("DistributedVirtualSwitch") {
			if o, ok := e.(*simulator.DistributedVirtualSwitch); ok && o.Uuid == d.SwitchUuid {
				member := slices.ContainsFunc(o.Config.GetDVSConfigInfo().Host, func(m types.DistributedVirtualSwitchHostMember) bool {
					return m.Config.Host != nil && *m.Config.Host == n.host.Self
				})
				group := ref{Type: "DistributedVirtualPortgroup", Value: d.PortgroupKey}
				if member && (d.PortgroupKey == "" || simulator.FindReference(o.Portgroup, group) != nil) {
					return nil
				}
			}
		}
		return &types.NotFound{}
	}
	if n.portgroup(group) == nil {
		return &types.NotFound{}
	}
	return nil
}

func (n *xNet) AddVirtualNic(ctx *simulator.Context, req *types.AddVirtualNic) soap.HasFault {
	if bad := n.checkNic(ctx, req.Portgroup, &req.Nic); bad != nil {
		return &methods.AddVirtualNicBody{Fault_: fault(bad)}
	}
	free := 0
	for slices.ContainsFunc(n.NetworkInfo.Vnic, func(v types.HostVirtualNic) bool { return v.Device == "vmk"+strconv.Itoa(free) }) {
		free++
	}
	dev := "vmk" + strconv.Itoa(free)
	v := types.HostVirtualNic{Device: dev, Key: vnicKey(dev), Portgroup: req.Portgroup, Spec: req.Nic}
	v.Spec.Portgroup = req.Portgroup
	if v.Spec.Mac == "" {
		v.Spec.Mac = fmt.Sprintf("00:50:56:6%x:%02x:%02x", free%16, len(n.host.Self.Value), n.host.Self.Value[len(n.host.Self.Value)-1])
	}
	if v.Spec.Mtu == 0 {
		v.Spec.Mtu = 1500
	}
	if v.Spec.NetStackInstanceKey == "" {
		v.Spec.NetStackInstanceKey = "defaultTcpipStack"
	}
	settleIP(&v.Spec, nil)
	n.connect(&v)
	n.NetworkInfo.Vnic = append(n.NetworkInfo.Vnic, v)
	n.candidates(ctx, v, true)
	return &methods.AddVirtualNicBody{Res: &types.AddVirtualNicResponse{Returnval: dev}}
}

// settleIP brings the addresses of an adapter to what they are after a change: a lease for DHCP, and IPv6 addresses that
// come and go one by one.
func settleIP(s *types.HostVirtualNicSpec, before *types.HostIpConfig) {
	if s.Ip == nil {
		s.Ip = &types.HostIpConfig{}
	}
	ip := *s.Ip
	if ip.Dhcp {
		ip.IpAddress, ip.SubnetMask = "10.20.1.1", "255.255.0.0"
	}
	if six := ip.IpV6Config; six != nil {
		next := *six
		next.IpV6Address = nil
		if before != nil && before.IpV6Config != nil {
			next.IpV6Address = slices.Clone(before.IpV6Config.IpV6Address)
		}
		for _, a := range six.IpV6Address {
			next.IpV6Address = slices.DeleteFunc(next.IpV6Address, func(o types.HostIpConfigIpV6Address) bool { return o.IpAddress == a.IpAddress })
			if a.Operation != "remove" {
				a.Operation, a.Origin, a.DadState = "", "manual", "preferred"
				next.IpV6Address = append(next.IpV6Address, a)
			}
		}
		if next.AutoConfigurationEnabled == nil {
			next.AutoConfigurationEnabled = bp(false)
		}
		if next.DhcpV6Enabled == nil {
			next.DhcpV6Enabled = bp(false)
		}
		ip.IpV6Config = &next
	} else if before != nil {
		ip.IpV6Config = before.IpV6Config
	}
	s.Ip = &ip
}

// candidates makes an adapter one that services can be given to, or no longer.
func (n *xNet) candidates(ctx *simulator.Context, v types.HostVirtualNic, there bool) {
	if n.host == nil || n.host.ConfigManager.VirtualNicManager == nil {
		return
	}
	m, ok := ctx.Map.Get(*n.host.ConfigManager.VirtualNicManager).(*simulator.HostVirtualNicManager)
	if !ok {
		return
	}
	services := slices.Clone(m.Info.NetConfig)
	for i := range services {
		c := &services[i]
		c.CandidateVnic = slices.DeleteFunc(slices.Clone(c.CandidateVnic), func(o types.HostVirtualNic) bool { return o.Device == v.Device })
		key := c.NicType + "." + v.Key
		if there {
			own := v
			own.Key = key
			c.CandidateVnic = append(c.CandidateVnic, own)
		} else {
			c.SelectedVnic = slices.DeleteFunc(slices.Clone(c.SelectedVnic), func(k string) bool { return k == key })
		}
	}
	setServices(m, services)
}

func (n *xNet) UpdateVirtualNic(ctx *simulator.Context, req *types.UpdateVirtualNic) soap.HasFault {
	b := &methods.UpdateVirtualNicBody{}
	for i := range n.NetworkInfo.Vnic {
		v := &n.NetworkInfo.Vnic[i]
		if v.Device != req.Device {
			continue
		}
		moved := req.Nic.Portgroup != "" || req.Nic.DistributedVirtualPort != nil
		if moved {
			if bad := n.checkNic(ctx, req.Nic.Portgroup, &req.Nic); bad != nil {
				b.Fault_ = fault(bad)
				return b
			}
		}
		before := v.Spec.Ip
		mergeStruct(reflect.ValueOf(&v.Spec).Elem(), reflect.ValueOf(&req.Nic).Elem())
		if req.Nic.Ip != nil {
			v.Spec.Ip = req.Nic.Ip
			settleIP(&v.Spec, before)
		}
		if moved {
			v.Portgroup, v.Spec.Portgroup = req.Nic.Portgroup, req.Nic.Portgroup
			v.Spec.DistributedVirtualPort = req.Nic.DistributedVirtualPort
		}
		n.connect(v)
		b.Res = &types.UpdateVirtualNicResponse{}
		return b
	}
	b.Fault_ = fault(&types.NotFound{})
	return b
}

func (n *xNet) RemoveVirtualNic(ctx *simulator.Context, req *types.RemoveVirtualNic) soap.HasFault {
	b := &methods.RemoveVirtualNicBody{}
	for i, v := range n.NetworkInfo.Vnic {
		if v.Device == req.Device {
			v.Portgroup = ""
			n.connect(&v)
			n.candidates(ctx, v, false)
			n.NetworkInfo.Vnic = slices.Delete(n.NetworkInfo.Vnic, i, i+1)
			b.Res = &types.RemoveVirtualNicResponse{}
			return b
		}
	}
	b.Fault_ = fault(&types.NotFound{})
	return b
}

// hostOf finds the host of one of its managers.
func hostOf(reg *simulator.Registry, manager ref) *simulator.HostSystem {
	for _, e := range reg.All("HostSystem") {
		h, ok := e.(*simulator.HostSystem)
		if !ok {
			continue
		}
		m := &h.ConfigManager
		for _, r := range []*ref{m.NetworkSystem, m.VirtualNicManager, m.HostAccessManager, m.DateTimeSystem, m.ServiceSystem, m.AdvancedOption, m.VsanSystem} {
			if r != nil && *r == manager {
				return h
			}
		}
	}
	return nil
}
