package main

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DVS
func dvsDefaults() *types.VMwareDVSPortSetting {
	off := &types.BoolPolicy{Value: bp(false)}
	shape := func() *types.DVSTrafficShapingPolicy {
		return &types.DVSTrafficShapingPolicy{Enabled: &types.BoolPolicy{Value: bp(false)}, AverageBandwidth: &types.LongPolicy{Value: 100000000}, PeakBandwidth: &types.LongPolicy{Value: 100000000}, BurstSize: &types.LongPolicy{Value: 104857600}}
	}
	return &types.VMwareDVSPortSetting{
		DVPortSetting: types.DVPortSetting{Blocked: off, InShapingPolicy: shape(), OutShapingPolicy: shape(), VmDirectPathGen2Allowed: off},
		Vlan:          &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: 0},
		UplinkTeamingPolicy: &types.VmwareUplinkPortTeamingPolicy{
			Policy: &types.StringPolicy{Value: "loadbalance_srcid"}, ReversePolicy: &types.BoolPolicy{Value: bp(true)}, NotifySwitches: &types.BoolPolicy{Value: bp(true)}, RollingOrder: &types.BoolPolicy{Value: bp(false)},
			FailureCriteria: &types.DVSFailureCriteria{CheckBeacon: off},
			UplinkPortOrder: &types.VMwareUplinkPortOrderPolicy{},
		},
		SecurityPolicy: &types.DVSSecurityPolicy{AllowPromiscuous: off, MacChanges: &types.BoolPolicy{Value: bp(false)}, ForgedTransmits: &types.BoolPolicy{Value: bp(false)}},
		IpfixEnabled:   off,
		TxUplink:       off,
		LacpPolicy:     &types.VMwareUplinkLacpPolicy{Enable: off, Mode: &types.StringPolicy{Value: "passive"}},
	}
}

func completeDVS(ctx *simulator.Context, s *simulator.DistributedVirtualSwitch) {
	cfg, ok := s.Config.(*types.VMwareDVSConfigInfo)
	if !ok {
		return
	}
	if cfg.ConfigVersion == "" {
		cfg.ConfigVersion = "1"
	}
	if cfg.LacpApiVersion == "" {
		cfg.LacpApiVersion = "singleLag"
	}
	if cfg.MulticastFilteringMode == "" {
		cfg.MulticastFilteringMode = "legacyFiltering"
	}
	if cfg.MaxMtu == 0 {
		cfg.MaxMtu = 1500
	}
	if cfg.LinkDiscoveryProtocolConfig == nil {
		cfg.LinkDiscoveryProtocolConfig = &types.LinkDiscoveryProtocolConfig{Protocol: "cdp", Operation: "listen"}
	}
	if cfg.IpfixConfig == nil {
		cfg.IpfixConfig = &types.VMwareIpfixConfig{ActiveFlowTimeout: 60, IdleFlowTimeout: 15}
	}
	if cfg.Policy == nil {
		cfg.Policy = &types.DVSPolicy{AutoPreInstallAllowed: bp(true), AutoUpgradeAllowed: bp(true), PartialUpgradeAllowed: bp(true)}
	}
	if cfg.NetworkResourceControlVersion == "" {
		cfg.NetworkResourceControlVersion = "version3"
	}
	if cfg.ProductInfo.Version == "" {
		cfg.ProductInfo.Version = "8.0.0"
		if s.Summary.ProductInfo != nil && s.Summary.ProductInfo.Version != "" {
			cfg.ProductInfo = *s.Summary.ProductInfo
		}
	}
	if cfg.UplinkPortPolicy == nil {
		cfg.UplinkPortPolicy = &types.DVSNameArrayUplinkPortPolicy{UplinkPortName: []string{"uplink1", "uplink2", "uplink3", "uplink4"}}
	}
	d := dvsDefaults()
	if p, ok := cfg.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok && p != nil {
		if p.UplinkTeamingPolicy == nil || p.InShapingPolicy == nil || p.TxUplink == nil {
			mergeStruct(reflect.ValueOf(d).Elem(), reflect.ValueOf(p).Elem())
			cfg.DefaultPortConfig = d
		}
	} else {
		cfg.DefaultPortConfig = d
	}
	for _, ref := range s.Portgroup {
		pg, ok := ctx.Map.Get(ref).(*simulator.DistributedVirtualPortgroup)
		if !ok {
			continue
		}
		self := s.Self
		pg.Config.DistributedVirtualSwitch = &self
		if pg.Config.ConfigVersion == "" {
			pg.Config.ConfigVersion = "1"
		}
		if pg.Config.AutoExpand == nil {
			pg.Config.AutoExpand = bp(true)
		}
		if pg.Config.Policy == nil {
			pg.Config.Policy = &types.VMwareDVSPortgroupPolicy{}
		}
		if len(cfg.UplinkPortgroup) == 0 && strings.Contains(pg.Name, "-DVUplinks") {
			cfg.UplinkPortgroup = []types.ManagedObjectReference{ref}
		}
		if p, ok := pg.Config.DefaultPortConfig.(*types.VMwareDVSPortSetting); !ok || p == nil || p.InShapingPolicy == nil || p.TxUplink == nil {
			d := dvsDefaults()
			if sp, ok := cfg.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok {
				mergeStruct(reflect.ValueOf(d).Elem(), reflect.ValueOf(sp).Elem())
			}
			if ok && p != nil {
				mergeStruct(reflect.ValueOf(d).Elem(), reflect.ValueOf(p).Elem())
			}
			pg.Config.DefaultPortConfig = d
		}
	}
}

func setSwitchUUID(s *simulator.DistributedVirtualSwitch, id string) {
	s.Uuid, s.Summary.Uuid = id, id
	if s.Config != nil {
		s.Config.GetDVSConfigInfo().Uuid = id
	}
}

// distinctSwitches: the simulator makes the UUID of a switch from its name, so that those of two datacenters share it.
func distinctSwitches(reg *simulator.Registry) {
	seen := map[string]bool{}
	for _, e := range reg.All("DistributedVirtualSwitch") {
		s, ok := e.(*simulator.DistributedVirtualSwitch)
		if !ok {
			continue
		}
		if !seen[s.Uuid] {
			seen[s.Uuid] = true
			continue
		}
		setSwitchUUID(s, uuid.NewString())
		for _, m := range reg.All("VirtualMachine") {
			vm, ok := m.(*simulator.VirtualMachine)
			if !ok || vm.Config == nil {
				continue
			}
			for _, d := range vm.Config.Hardware.Device {
				b, ok := d.GetVirtualDevice().Backing.(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo)
				if ok && simulator.FindReference(s.Portgroup, ref{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey}) != nil {
					b.Port.SwitchUuid = s.Uuid
				}
			}
		}
	}
}

type xDVSM struct {
	*simulator.DistributedVirtualSwitchManager
}

func (m *xDVSM) QueryDvsByUuid(ctx *simulator.Context, req *types.QueryDvsByUuid) soap.HasFault {
	for _, o := range ctx.Map.All("DistributedVirtualSwitch") {
		if d, ok := o.(*simulator.DistributedVirtualSwitch); ok && d.Uuid == req.Uuid {
			ref := d.Self
			return &methods.QueryDvsByUuidBody{Res: &types.QueryDvsByUuidResponse{Returnval: &ref}}
		}
	}
	return &methods.QueryDvsByUuidBody{Fault_: simulator.Fault("", &types.NotFound{})}
}

type xDVS struct {
	*simulator.DistributedVirtualSwitch
}

func bump(v string) string { n, _ := strconv.Atoi(v); return strconv.Itoa(n + 1) }

func (s *xDVS) ReconfigureDvsTask(ctx *simulator.Context, req *types.ReconfigureDvs_Task) soap.HasFault {
	cfg := s.Config.(*types.VMwareDVSConfigInfo)
	spec := req.Spec.GetDVSConfigSpec()
	var edits []types.DistributedVirtualSwitchHostMemberConfigSpec
	var rest []types.DistributedVirtualSwitchHostMemberConfigSpec
	for _, h := range spec.Host {
		if h.Operation == "edit" {
			edits = append(edits, h)
		} else {
			rest = append(rest, h)
		}
	}
	spec.Host = rest
	for _, h := range append(append([]types.DistributedVirtualSwitchHostMemberConfigSpec{}, rest...), edits...) {
		i := -1
		for k := range cfg.Host {
			if *cfg.Host[k].Config.Host == h.Host {
				i = k
			}
		}
		ref := h.Host
		switch {
		case h.Operation == "remove" && i >= 0:
			cfg.Host = append(cfg.Host[:i], cfg.Host[i+1:]...)
		case h.Operation == "add" && i < 0:
			cfg.Host = append(cfg.Host, types.DistributedVirtualSwitchHostMember{Config: types.DistributedVirtualSwitchHostMemberConfigInfo{Host: &ref, Backing: h.Backing, MaxProxySwitchPorts: 512}, Status: "up"})
		case h.Operation == "edit" && i >= 0:
			cfg.Host[i].Config.Backing = h.Backing
		}
	}
	r := s.DistributedVirtualSwitch.ReconfigureDvsTask(ctx, req)
	if spec.Name != "" {
		cfg.Name, s.Name, s.Entity().Name, s.Summary.Name = spec.Name, spec.Name, spec.Name, spec.Name
	}
	if spec.Description != "" {
		cfg.Description, s.Summary.Description = spec.Description, spec.Description
	}
	if spec.SwitchIpAddress != "" {
		cfg.SwitchIpAddress = spec.SwitchIpAddress
	}
	if spec.Contact != nil {
		cfg.Contact = *spec.Contact
	}
	if spec.Policy != nil {
		cfg.Policy = spec.Policy
	}
	if spec.UplinkPortPolicy != nil {
		cfg.UplinkPortPolicy = spec.UplinkPortPolicy
	}
	if len(spec.InfrastructureTrafficResourceConfig) > 0 {
		cfg.InfrastructureTrafficResourceConfig = spec.InfrastructureTrafficResourceConfig
	}
	if spec.NetworkResourceControlVersion != "" {
		cfg.NetworkResourceControlVersion = spec.NetworkResourceControlVersion
	}
	if p, ok := spec.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok && p != nil {
		d := *cfg.DefaultPortConfig.(*types.VMwareDVSPortSetting)
		mergeStruct(reflect.ValueOf(&d).Elem(), reflect.ValueOf(p).Elem())
		cfg.DefaultPortConfig = &d
	}
	if v, ok := req.Spec.(*types.VMwareDVSConfigSpec); ok {
		if v.MaxMtu != 0 {
			cfg.MaxMtu = v.MaxMtu
		}
		if v.LinkDiscoveryProtocolConfig != nil {
			cfg.LinkDiscoveryProtocolConfig = v.LinkDiscoveryProtocolConfig
		}
		if v.IpfixConfig != nil {
			cfg.IpfixConfig = v.IpfixConfig
		}
		if v.LacpApiVersion != "" {
			cfg.LacpApiVersion = v.LacpApiVersion
		}
		if v.MulticastFilteringMode != "" {
			cfg.MulticastFilteringMode = v.MulticastFilteringMode
		}
		for _, p := range v.PvlanConfigSpec {
			i := -1
			for k := range cfg.PvlanConfig {
				if cfg.PvlanConfig[k] == p.PvlanEntry {
					i = k
				}
			}
			if p.Operation == "add" && i < 0 {
				cfg.PvlanConfig = append(cfg.PvlanConfig, p.PvlanEntry)
			} else if p.Operation == "remove" && i >= 0 {
				cfg.PvlanConfig = append(cfg.PvlanConfig[:i], cfg.PvlanConfig[i+1:]...)
			}
		}
	}
	cfg.ConfigVersion = bump(cfg.ConfigVersion)
	return r
}

func (s *xDVS) EnableNetworkResourceManagement(req *types.EnableNetworkResourceManagement) soap.HasFault {
	s.Config.GetDVSConfigInfo().NetworkResourceManagementEnabled = req.Enable
	return &methods.EnableNetworkResourceManagementBody{Res: &types.EnableNetworkResourceManagementResponse{}}
}

func (s *xDVS) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, s.DistributedVirtualSwitch, req, func(name string) {
		s.Config.GetDVSConfigInfo().Name, s.Name, s.Summary.Name = name, name, name
	})
}

func (s *xDVS) PerformDvsProductSpecOperationTask(ctx *simulator.Context, req *types.PerformDvsProductSpecOperation_Task) soap.HasFault {
	id := task(ctx, s.DistributedVirtualSwitch, "upgrade", func() (types.AnyType, types.BaseMethodFault) {
		if req.ProductSpec != nil {
			s.Config.GetDVSConfigInfo().ProductInfo = *req.ProductSpec
			s.Summary.ProductInfo = req.ProductSpec
		}
		return nil, nil
	})
	return &methods.PerformDvsProductSpecOperation_TaskBody{Res: &types.PerformDvsProductSpecOperation_TaskResponse{Returnval: id}}
}

func (s *xDVS) AddDVPortgroupTask(ctx *simulator.Context, req *types.AddDVPortgroup_Task) soap.HasFault {
	for i := range req.Spec {
		req.Spec[i].Name = storedName(req.Spec[i].Name)
	}
	return s.DistributedVirtualSwitch.AddDVPortgroupTask(ctx, req)
}

func (s *xDVS) CreateDVPortgroupTask(ctx *simulator.Context, req *types.CreateDVPortgroup_Task) soap.HasFault {
	req.Spec.Name = storedName(req.Spec.Name)
	id := task(ctx, s.DistributedVirtualSwitch, "createDVPortgroup", func() (types.AnyType, types.BaseMethodFault) {
		r := s.DistributedVirtualSwitch.AddDVPortgroupTask(ctx, &types.AddDVPortgroup_Task{This: req.This, Spec: []types.DVPortgroupConfigSpec{req.Spec}}).(*methods.AddDVPortgroup_TaskBody)
		t := ctx.Map.Get(r.Res.Returnval).(*simulator.Task)
		t.Wait()
		if t.Info.Error != nil {
			return nil, t.Info.Error.Fault
		}
		for _, ref := range s.Portgroup {
			if pg := ctx.Map.Get(ref).(*simulator.DistributedVirtualPortgroup); pg.Name == req.Spec.Name {
				pg.Config.Description, pg.Config.PortNameFormat = req.Spec.Description, req.Spec.PortNameFormat
				if req.Spec.Policy != nil {
					pg.Config.Policy = req.Spec.Policy
				}
				if req.Spec.AutoExpand != nil {
					pg.Config.AutoExpand = req.Spec.AutoExpand
				}
				if req.Spec.Type != "" {
					pg.Config.Type = req.Spec.Type
				}
				return ref, nil
			}
		}
		return nil, &types.NotFound{}
	})
	return &methods.CreateDVPortgroup_TaskBody{Res: &types.CreateDVPortgroup_TaskResponse{Returnval: id}}
}

func (s *xDVS) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	r := s.DistributedVirtualSwitch.DestroyTask(ctx, req).(*methods.Destroy_TaskBody)
	ctx.Map.Get(r.Res.Returnval).(*simulator.Task).Wait()
	for _, ref := range s.Portgroup {
		for _, e := range ctx.Map.All("HostSystem") {
			if h, ok := e.(*simulator.HostSystem); ok {
				simulator.RemoveReference(&h.Network, ref)
			}
		}
		ctx.Map.Remove(ctx, ref)
	}
	cleanFolders(ctx)
	return r
}

type xPG struct {
	*simulator.DistributedVirtualPortgroup
}

func (p *xPG) ReconfigureDVPortgroupTask(ctx *simulator.Context, req *types.ReconfigureDVPortgroup_Task) soap.HasFault {
	old, _ := p.Config.DefaultPortConfig.(*types.VMwareDVSPortSetting)
	id := task(ctx, p.DistributedVirtualPortgroup, "reconfigureDvPortgroup", func() (types.AnyType, types.BaseMethodFault) {
		sp := req.Spec
		if sp.Name != "" {
			p.Config.Name, p.Name, p.Entity().Name = sp.Name, sp.Name, sp.Name
			if p.Summary != nil {
				p.Summary.GetNetworkSummary().Name = sp.Name
			}
		}
		if sp.NumPorts != 0 {
			p.Config.NumPorts = sp.NumPorts
		}
		p.Config.Description = sp.Description
		if sp.Type != "" {
			p.Config.Type = sp.Type
		}
		if sp.AutoExpand != nil {
			p.Config.AutoExpand = sp.AutoExpand
		}
		if sp.PortNameFormat != "" {
			p.Config.PortNameFormat = sp.PortNameFormat
		}
		if sp.Policy != nil {
			p.Config.Policy = sp.Policy
		}
		if n, ok := sp.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok && n != nil && old != nil {
			d := *old
			mergeStruct(reflect.ValueOf(&d).Elem(), reflect.ValueOf(n).Elem())
			p.Config.DefaultPortConfig = &d
		}
		p.Config.ConfigVersion = bump(p.Config.ConfigVersion)
		return nil, nil
	})
	return &methods.ReconfigureDVPortgroup_TaskBody{Res: &types.ReconfigureDVPortgroup_TaskResponse{Returnval: id}}
}
