package main

import (
	"reflect"
	"strconv"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type xVnicMgr struct {
	*simulator.HostVirtualNicManager
}

func (m *xVnicMgr) sel(typ, dev string, on bool) {
	for i := range m.Info.NetConfig {
		if c := &m.Info.NetConfig[i]; c.NicType == typ {
			key := typ + ".key-vim.host.VirtualNic-" + dev
			var keep []string
			for _, x := range c.SelectedVnic {
				if x != key {
					keep = append(keep, x)
				}
			}
			if on {
				keep = append(keep, key)
				found := false
				for _, v := range c.CandidateVnic {
					found = found || v.Device == dev
				}
				if !found {
					c.CandidateVnic = append(c.CandidateVnic, types.HostVirtualNic{Device: dev, Key: key})
				}
			}
			c.SelectedVnic = keep
			return
		}
	}
	if on {
		m.Info.NetConfig = append(m.Info.NetConfig, types.VirtualNicManagerNetConfig{NicType: typ})
		m.sel(typ, dev, on)
	}
}

func (m *xVnicMgr) SelectVnicForNicType(req *types.SelectVnicForNicType) soap.HasFault {
	m.sel(req.NicType, req.Device, true)
	return &methods.SelectVnicForNicTypeBody{Res: &types.SelectVnicForNicTypeResponse{}}
}

func (m *xVnicMgr) DeselectVnicForNicType(req *types.DeselectVnicForNicType) soap.HasFault {
	m.sel(req.NicType, req.Device, false)
	return &methods.DeselectVnicForNicTypeBody{Res: &types.DeselectVnicForNicTypeResponse{}}
}

// HostNetworkSystem: UpdateVirtualSwitch, UpdatePortGroup, vnics
type xNet struct {
	*simulator.HostNetworkSystem
	host *simulator.HostSystem
}

func (n *xNet) sync() {
	if n.host != nil && n.host.Config != nil && n.host.Config.Network != nil {
		n.host.Config.Network.Vswitch = n.NetworkInfo.Vswitch
		n.host.Config.Network.Portgroup = n.NetworkInfo.Portgroup
		n.host.Config.Network.Vnic = n.NetworkInfo.Vnic
	}
}

func (n *xNet) AddVirtualSwitch(req *types.AddVirtualSwitch) soap.HasFault {
	r := n.HostNetworkSystem.AddVirtualSwitch(req)
	if r.Fault() == nil && req.Spec != nil {
		for i := range n.NetworkInfo.Vswitch {
			if v := &n.NetworkInfo.Vswitch[i]; v.Name == req.VswitchName {
				n.fillSwitch(v, req.Spec)
			}
		}
	}
	n.sync()
	return r
}

func (n *xNet) fillSwitch(v *types.HostVirtualSwitch, s *types.HostVirtualSwitchSpec) {
	v.Spec = *s
	v.NumPorts = s.NumPorts
	v.Mtu = s.Mtu
	if v.Key == "" {
		v.Key = "key-vim.host.VirtualSwitch-" + v.Name
	}
}

func (n *xNet) UpdateVirtualSwitch(req *types.UpdateVirtualSwitch) soap.HasFault {
	b := &methods.UpdateVirtualSwitchBody{}
	for i := range n.NetworkInfo.Vswitch {
		if v := &n.NetworkInfo.Vswitch[i]; v.Name == req.VswitchName {
			n.fillSwitch(v, &req.Spec)
			n.sync()
			b.Res = &types.UpdateVirtualSwitchResponse{}
			return b
		}
	}
	b.Fault_ = simulator.Fault("", &types.NotFound{})
	return b
}

func (n *xNet) RemoveVirtualSwitch(req *types.RemoveVirtualSwitch) soap.HasFault {
	r := n.HostNetworkSystem.RemoveVirtualSwitch(req)
	n.sync()
	return r
}

func computedPolicy(p types.HostNetworkPolicy) types.HostNetworkPolicy {
	f, t := false, true
	d := types.HostNetworkPolicy{
		Security:      &types.HostNetworkSecurityPolicy{AllowPromiscuous: &f, MacChanges: &t, ForgedTransmits: &t},
		NicTeaming:    &types.HostNicTeamingPolicy{Policy: "loadbalance_srcid", ReversePolicy: &t, NotifySwitches: &t, RollingOrder: &f, FailureCriteria: &types.HostNicFailureCriteria{CheckBeacon: &f}, NicOrder: &types.HostNicOrderPolicy{}},
		OffloadPolicy: &types.HostNetOffloadCapabilities{CsumOffload: &t, TcpSegmentation: &t, ZeroCopyXmit: &t},
		ShapingPolicy: &types.HostNetworkTrafficShapingPolicy{Enabled: &f},
	}
	mergeStruct(reflect.ValueOf(&d).Elem(), reflect.ValueOf(&p).Elem())
	return d
}

func (n *xNet) AddPortGroup(ctx *simulator.Context, req *types.AddPortGroup) soap.HasFault {
	r := n.HostNetworkSystem.AddPortGroup(ctx, req)
	if r.Fault() == nil {
		for i := range n.NetworkInfo.Portgroup {
			if p := &n.NetworkInfo.Portgroup[i]; p.Spec.Name == req.Portgrp.Name {
				p.Spec = req.Portgrp
				p.ComputedPolicy = computedPolicy(req.Portgrp.Policy)
			}
		}
	}
	n.sync()
	return r
}

func (n *xNet) UpdatePortGroup(req *types.UpdatePortGroup) soap.HasFault {
	b := &methods.UpdatePortGroupBody{}
	for i := range n.NetworkInfo.Portgroup {
		if p := &n.NetworkInfo.Portgroup[i]; p.Spec.Name == req.PgName {
			p.Spec = req.Portgrp
			p.ComputedPolicy = computedPolicy(req.Portgrp.Policy)
			n.sync()
			b.Res = &types.UpdatePortGroupResponse{}
			return b
		}
	}
	b.Fault_ = simulator.Fault("", &types.NotFound{})
	return b
}

func (n *xNet) RemovePortGroup(ctx *simulator.Context, req *types.RemovePortGroup) soap.HasFault {
	r := n.HostNetworkSystem.RemovePortGroup(ctx, req)
	n.sync()
	return r
}

func (n *xNet) AddVirtualNic(req *types.AddVirtualNic) soap.HasFault {
	dev := "vmk" + strconv.Itoa(len(n.NetworkInfo.Vnic))
	s := req.Nic
	s.Portgroup = req.Portgroup
	if s.Mac == "" {
		s.Mac = "00:50:56:60:00:0" + strconv.Itoa(len(n.NetworkInfo.Vnic))
	}
	if s.Mtu == 0 {
		s.Mtu = 1500
	}
	if s.NetStackInstanceKey == "" {
		s.NetStackInstanceKey = "defaultTcpipStack"
	}
	n.NetworkInfo.Vnic = append(n.NetworkInfo.Vnic, types.HostVirtualNic{Device: dev, Key: "key-vim.host.VirtualNic-" + dev, Portgroup: req.Portgroup, Spec: s})
	n.sync()
	return &methods.AddVirtualNicBody{Res: &types.AddVirtualNicResponse{Returnval: dev}}
}

func (n *xNet) UpdateVirtualNic(req *types.UpdateVirtualNic) soap.HasFault {
	b := &methods.UpdateVirtualNicBody{}
	for i := range n.NetworkInfo.Vnic {
		if v := &n.NetworkInfo.Vnic[i]; v.Device == req.Device {
			mergeStruct(reflect.ValueOf(&v.Spec).Elem(), reflect.ValueOf(&req.Nic).Elem())
			if req.Nic.Ip != nil {
				v.Spec.Ip = req.Nic.Ip
			}
			n.sync()
			b.Res = &types.UpdateVirtualNicResponse{}
			return b
		}
	}
	b.Fault_ = simulator.Fault("", &types.NotFound{})
	return b
}

func (n *xNet) RemoveVirtualNic(req *types.RemoveVirtualNic) soap.HasFault {
	b := &methods.RemoveVirtualNicBody{}
	for i := range n.NetworkInfo.Vnic {
		if n.NetworkInfo.Vnic[i].Device == req.Device {
			n.NetworkInfo.Vnic = append(n.NetworkInfo.Vnic[:i], n.NetworkInfo.Vnic[i+1:]...)
			n.sync()
			b.Res = &types.RemoveVirtualNicResponse{}
			return b
		}
	}
	b.Fault_ = simulator.Fault("", &types.NotFound{})
	return b
}

// hostOfNetwork finds the host of a network system, which holds no reference to it.
func hostOfNetwork(ctx *simulator.Context, n *simulator.HostNetworkSystem) *simulator.HostSystem {
	for _, e := range ctx.Map.All("HostSystem") {
		if h, ok := e.(*simulator.HostSystem); ok && h.ConfigManager.NetworkSystem != nil && *h.ConfigManager.NetworkSystem == n.Self {
			return h
		}
	}
	return nil
}
