package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
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

// trafficDefaults are the shares of the classes of traffic of a new switch.
func trafficDefaults() []types.DvsHostInfrastructureTrafficResource {
	var all []types.DvsHostInfrastructureTrafficResource
	for _, key := range []string{"management", "faultTolerance", "vmotion", "virtualMachine", "iSCSI", "nfs", "hbr", "vsan", "vdp"} {
		none, zero := int64(-1), int64(0)
		shares := types.SharesInfo{Level: "normal", Shares: 50}
		if key == "virtualMachine" {
			shares = types.SharesInfo{Level: "high", Shares: 100}
		}
		all = append(all, types.DvsHostInfrastructureTrafficResource{Key: key, AllocationInfo: types.DvsHostInfrastructureTrafficResourceAllocation{
			Limit: &none, Reservation: &zero, Shares: &shares,
		}})
	}
	return all
}

// switchVersions are the versions of switches that a vCenter offers, the newest last.
func switchVersions(vcenter string) []string {
	all := []string{"6.5.0", "6.6.0", "7.0.0", "7.0.2", "7.0.3", "8.0.0", "8.0.3", "9.0.0"}
	return slices.DeleteFunc(all, func(v string) bool { return !versionAtLeast(vcenter, v) && v != "6.5.0" })
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
	if len(cfg.InfrastructureTrafficResourceConfig) == 0 {
		cfg.InfrastructureTrafficResourceConfig = trafficDefaults()
	}
	if cfg.ProductInfo.Version == "" {
		versions := switchVersions(simOf(ctx).version)
		if s.Summary.ProductInfo != nil {
			cfg.ProductInfo = *s.Summary.ProductInfo
		}
		if !slices.Contains(versions, cfg.ProductInfo.Version) {
			cfg.ProductInfo.Version = versions[len(versions)-1]
		}
		info := cfg.ProductInfo
		s.Summary.ProductInfo = &info
	}
	if cfg.UplinkPortPolicy == nil {
		cfg.UplinkPortPolicy = &types.DVSNameArrayUplinkPortPolicy{UplinkPortName: []string{"uplink1", "uplink2", "uplink3", "uplink4"}}
	}
	d := dvsDefaults()
	if p, ok := cfg.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok && p != nil {
		if p.UplinkTeamingPolicy == nil || p.InShapingPolicy == nil || p.TxUplink == nil {
			cfg.DefaultPortConfig = mergeSetting(d, p)
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
				d = mergeSetting(d, sp)
			}
			if ok && p != nil {
				d = mergeSetting(d, p)
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

var lagKey atomic.Int32 // of the last link aggregation group

type xDVS struct {
	*simulator.DistributedVirtualSwitch
}

func bump(v string) string { n, _ := strconv.Atoi(v); return strconv.Itoa(n + 1) }

func (s *xDVS) ReconfigureDvsTask(ctx *simulator.Context, req *types.ReconfigureDvs_Task) soap.HasFault {
	id := task(ctx, s.DistributedVirtualSwitch, "reconfigureDvs", func() (types.AnyType, types.BaseMethodFault) {
		return nil, s.reconfigure(ctx, req.Spec)
	})
	return &methods.ReconfigureDvs_TaskBody{Res: &types.ReconfigureDvs_TaskResponse{Returnval: id}}
}

// reconfigure changes a switch: given values change and others are kept.
func (s *xDVS) reconfigure(ctx *simulator.Context, change types.BaseDVSConfigSpec) types.BaseMethodFault {
	cfg := s.Config.(*types.VMwareDVSConfigInfo)
	spec := change.GetDVSConfigSpec()
	if spec.ConfigVersion != "" && spec.ConfigVersion != cfg.ConfigVersion {
		return &types.ConcurrentAccess{}
	}
	if name := storedName(spec.Name); name != "" && name != cfg.Name {
		if s.Parent != nil && ctx.Map.FindByName(name, *childrenOf(ctx.Map.Get(*s.Parent))) != nil {
			return &types.DuplicateName{Name: name, Object: s.Self}
		}
		cfg.Name, s.Name, s.Entity().Name, s.Summary.Name = name, name, name, name
	}
	for _, h := range spec.Host {
		if bad := s.member(ctx, cfg, h); bad != nil {
			return bad
		}
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
	traffic := slices.Clone(cfg.InfrastructureTrafficResourceConfig)
	for _, r := range spec.InfrastructureTrafficResourceConfig {
		i := slices.IndexFunc(traffic, func(o types.DvsHostInfrastructureTrafficResource) bool { return o.Key == r.Key })
		if i < 0 {
			return &types.InvalidArgument{InvalidProperty: "infrastructureTrafficResourceConfig.key"}
		}
		if shares := r.AllocationInfo.Shares; shares != nil {
			if n := map[types.SharesLevel]int32{"low": 25, "normal": 50, "high": 100}[shares.Level]; n != 0 {
				r.AllocationInfo.Shares = &types.SharesInfo{Level: shares.Level, Shares: n}
			}
		}
		mergeStruct(reflect.ValueOf(&traffic[i].AllocationInfo).Elem(), reflect.ValueOf(&r.AllocationInfo).Elem())
	}
	cfg.InfrastructureTrafficResourceConfig = traffic
	if spec.NetworkResourceControlVersion != "" {
		cfg.NetworkResourceControlVersion = spec.NetworkResourceControlVersion
	}
	if p, ok := spec.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok && p != nil {
		cfg.DefaultPortConfig = mergeSetting(cfg.DefaultPortConfig.(*types.VMwareDVSPortSetting), p)
	}
	if v, ok := change.(*types.VMwareDVSConfigSpec); ok {
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
		if bad := pvlans(cfg, v.PvlanConfigSpec); bad != nil {
			return bad
		}
	}
	cfg.ConfigVersion = bump(cfg.ConfigVersion)
	return nil
}

// UpdateDVSLacpGroupConfigTask adds, changes and removes link aggregation groups.
func (s *xDVS) UpdateDVSLacpGroupConfigTask(ctx *simulator.Context, req *types.UpdateDVSLacpGroupConfig_Task) soap.HasFault {
	id := task(ctx, s.DistributedVirtualSwitch, "updateDVSLacpGroupConfig", func() (types.AnyType, types.BaseMethodFault) {
		cfg := s.Config.(*types.VMwareDVSConfigInfo)
		if cfg.LacpApiVersion != string(types.VMwareDvsLacpApiVersionMultipleLag) {
			return nil, &types.NotSupported{}
		}
		all := slices.Clone(cfg.LacpGroupConfig)
		for _, spec := range req.LacpGroupSpec {
			g := spec.LacpGroupConfig
			i := slices.IndexFunc(all, func(o types.VMwareDvsLacpGroupConfig) bool { return o.Key == g.Key })
			if taken := slices.IndexFunc(all, func(o types.VMwareDvsLacpGroupConfig) bool { return o.Name == g.Name }); taken >= 0 && taken != i {
				return nil, &types.DuplicateName{Name: g.Name, Object: s.Self}
			}
			switch {
			case spec.Operation == "add" && g.Name != "":
				n := types.VMwareDvsLacpGroupConfig{Key: fmt.Sprintf("%d", lagKey.Add(1)), Mode: "passive", UplinkNum: 2, LoadbalanceAlgorithm: "srcDestIpTcpUdpPortVlan"}
				mergeStruct(reflect.ValueOf(&n).Elem(), reflect.ValueOf(&g).Elem())
				all = append(all, n)
			case spec.Operation == "edit" && i >= 0:
				mergeStruct(reflect.ValueOf(&all[i]).Elem(), reflect.ValueOf(&g).Elem())
			case spec.Operation == "remove" && i >= 0:
				all = slices.Delete(all, i, i+1)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "lacpGroupSpec"}
			}
		}
		for i := range all {
			all[i].UplinkName = nil
			for n := range all[i].UplinkNum {
				all[i].UplinkName = append(all[i].UplinkName, fmt.Sprintf("%s-%d", all[i].Name, n))
			}
		}
		cfg.LacpGroupConfig, cfg.ConfigVersion = all, bump(cfg.ConfigVersion)
		return nil, nil
	})
	return &methods.UpdateDVSLacpGroupConfig_TaskBody{Res: &types.UpdateDVSLacpGroupConfig_TaskResponse{Returnval: id}}
}

// mergeSetting is a policy of ports after a change. The order of uplinks is set as a whole.
func mergeSetting(old, change *types.VMwareDVSPortSetting) *types.VMwareDVSPortSetting {
	d := *old
	mergeStruct(reflect.ValueOf(&d).Elem(), reflect.ValueOf(change).Elem())
	if t := change.UplinkTeamingPolicy; t != nil && t.UplinkPortOrder != nil {
		team := *d.UplinkTeamingPolicy
		team.UplinkPortOrder = t.UplinkPortOrder
		d.UplinkTeamingPolicy = &team
	}
	return &d
}

// pvlans adds, changes and removes mappings of private VLANs.
func pvlans(cfg *types.VMwareDVSConfigInfo, changes []types.VMwareDVSPvlanConfigSpec) types.BaseMethodFault {
	all := slices.Clone(cfg.PvlanConfig)
	for _, p := range changes {
		same := func(o types.VMwareDVSPvlanMapEntry) bool {
			return o.SecondaryVlanId == p.PvlanEntry.SecondaryVlanId && (o.PvlanType == "promiscuous") == (p.PvlanEntry.PvlanType == "promiscuous")
		}
		i := slices.IndexFunc(all, same)
		primary := slices.ContainsFunc(all, func(o types.VMwareDVSPvlanMapEntry) bool {
			return o.PvlanType == "promiscuous" && o.PrimaryVlanId == p.PvlanEntry.PrimaryVlanId
		})
		invalid := &types.InvalidArgument{InvalidProperty: "pvlanConfigSpec"}
		switch {
		case p.Operation == "add" && (i >= 0 || (p.PvlanEntry.PvlanType != "promiscuous" && !primary)):
			return invalid
		case p.Operation == "add":
			all = append(all, p.PvlanEntry)
		case i < 0:
			return invalid
		case p.Operation == "edit":
			all[i] = p.PvlanEntry
		case p.Operation == "remove":
			all = slices.Delete(all, i, i+1)
		}
	}
	cfg.PvlanConfig = all
	return nil
}

// member adds, changes or removes one host of a switch.
func (s *xDVS) member(ctx *simulator.Context, cfg *types.VMwareDVSConfigInfo, h types.DistributedVirtualSwitchHostMemberConfigSpec) types.BaseMethodFault {
	host, ok := ctx.Map.Get(h.Host).(*simulator.HostSystem)
	if !ok {
		return &types.ManagedObjectNotFound{Obj: h.Host}
	}
	failed := func(f types.BaseMethodFault) types.BaseMethodFault {
		return &types.DvsOperationBulkFault{HostFault: []types.DvsOperationBulkFaultFaultOnHost{{
			Host: h.Host, Fault: types.LocalizedMethodFault{Fault: f},
		}}}
	}
	i := slices.IndexFunc(cfg.Host, func(m types.DistributedVirtualSwitchHostMember) bool { return *m.Config.Host == h.Host })
	switch {
	case h.Operation == "add" && i >= 0:
		return failed(&types.AlreadyExists{Name: host.Name})
	case h.Operation != "add" && i < 0:
		return failed(&types.NotFound{})
	}
	if b, ok := h.Backing.(*types.DistributedVirtualSwitchHostMemberPnicBacking); ok && h.Operation != "remove" {
		for _, p := range b.PnicSpec {
			net := host.Config.Network
			if !slices.ContainsFunc(net.Pnic, func(o types.PhysicalNic) bool { return o.Device == p.PnicDevice }) {
				return failed(&types.NotFound{})
			}
			if slices.ContainsFunc(net.Vswitch, func(v types.HostVirtualSwitch) bool {
				return slices.Contains(nicsOf(v.Spec.Bridge), p.PnicDevice)
			}) {
				return failed(&types.ResourceInUse{Type: "PhysicalNic", Name: p.PnicDevice})
			}
		}
	}
	groups := slices.Clone(s.Portgroup)
	switch h.Operation {
	case "add":
		ref := h.Host
		cfg.Host = append(cfg.Host, types.DistributedVirtualSwitchHostMember{
			Config: types.DistributedVirtualSwitchHostMemberConfigInfo{Host: &ref, Backing: h.Backing, MaxProxySwitchPorts: 512}, Status: "up",
		})
		s.Summary.HostMember = append(s.Summary.HostMember, ref)
		for _, r := range groups {
			if pg, ok := ctx.Map.Get(r).(*simulator.DistributedVirtualPortgroup); ok {
				joinNetwork(ctx, host, &pg.Network, pg)
			}
		}
	case "edit":
		cfg.Host[i].Config.Backing = h.Backing
	case "remove":
		if user := s.userOf(ctx, groups, host); user != "" {
			return failed(&types.ResourceInUse{Type: "DistributedVirtualSwitch", Name: s.Name})
		}
		cfg.Host = slices.Delete(slices.Clone(cfg.Host), i, i+1)
		simulator.RemoveReference(&s.Summary.HostMember, h.Host)
		for _, r := range groups {
			if pg, ok := ctx.Map.Get(r).(*simulator.DistributedVirtualPortgroup); ok {
				ctx.Map.RemoveReference(ctx, host, &host.Network, r)
				ctx.Map.RemoveReference(ctx, pg, &pg.Host, h.Host)
			}
		}
	}
	return nil
}

// userOf is a virtual machine or VMkernel adapter on one of the port groups; of one host, or of all if it is nil.
func (s *xDVS) userOf(ctx *simulator.Context, groups []ref, of *simulator.HostSystem) string {
	on := func(key string) bool {
		return slices.ContainsFunc(groups, func(r ref) bool { return r.Value == key })
	}
	for _, e := range ctx.Map.All("VirtualMachine") {
		vm, ok := e.(*simulator.VirtualMachine)
		if !ok || vm.Config == nil || (of != nil && (vm.Runtime.Host == nil || *vm.Runtime.Host != of.Self)) {
			continue
		}
		for _, d := range vm.Config.Hardware.Device {
			b, ok := d.GetVirtualDevice().Backing.(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo)
			if ok && on(b.Port.PortgroupKey) {
				return vm.Name
			}
		}
	}
	for _, e := range ctx.Map.All("HostSystem") {
		h, ok := e.(*simulator.HostSystem)
		if !ok || h.Config == nil || h.Config.Network == nil || (of != nil && h.Self != of.Self) {
			continue
		}
		for _, v := range h.Config.Network.Vnic {
			if p := v.Spec.DistributedVirtualPort; p != nil && p.SwitchUuid == s.Uuid && (p.PortgroupKey == "" || on(p.PortgroupKey)) {
				return v.Device
			}
		}
	}
	return ""
}

func (s *xDVS) EnableNetworkResourceManagement(req *types.EnableNetworkResourceManagement) soap.HasFault {
	cfg := s.Config.GetDVSConfigInfo()
	cfg.NetworkResourceManagementEnabled, cfg.ConfigVersion = req.Enable, bump(cfg.ConfigVersion)
	return &methods.EnableNetworkResourceManagementBody{Res: &types.EnableNetworkResourceManagementResponse{}}
}

func (s *xDVS) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, s.DistributedVirtualSwitch, req, func(name string) {
		s.Config.GetDVSConfigInfo().Name, s.Name, s.Summary.Name = name, name, name
	})
}

func (s *xDVS) PerformDvsProductSpecOperationTask(ctx *simulator.Context, req *types.PerformDvsProductSpecOperation_Task) soap.HasFault {
	id := task(ctx, s.DistributedVirtualSwitch, "upgrade", func() (types.AnyType, types.BaseMethodFault) {
		cfg := s.Config.GetDVSConfigInfo()
		if req.ProductSpec != nil {
			if !slices.Contains(switchVersions(simOf(ctx).version), req.ProductSpec.Version) {
				return nil, &types.NotSupported{}
			}
			if !versionAtLeast(req.ProductSpec.Version, cfg.ProductInfo.Version) {
				return nil, &types.InvalidState{}
			}
			cfg.ProductInfo.Version = req.ProductSpec.Version
			info := cfg.ProductInfo
			s.Summary.ProductInfo = &info
			cfg.ConfigVersion = bump(cfg.ConfigVersion)
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
	if s.userOf(ctx, s.Portgroup, nil) != "" {
		return inUse(ctx, s.DistributedVirtualSwitch)
	}
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
		if sp.ConfigVersion != "" && sp.ConfigVersion != p.Config.ConfigVersion {
			return nil, &types.ConcurrentAccess{}
		}
		if sp.Name = storedName(sp.Name); sp.Name != "" {
			p.Config.Name, p.Name, p.Entity().Name = sp.Name, sp.Name, sp.Name
			if p.Summary != nil {
				p.Summary.GetNetworkSummary().Name = sp.Name
			}
		}
		if sp.NumPorts != 0 {
			p.Config.NumPorts = sp.NumPorts
		}
		if sp.Description != "" {
			p.Config.Description = sp.Description
		}
		if sp.VmVnicNetworkResourcePoolKey != "" {
			p.Config.VmVnicNetworkResourcePoolKey = sp.VmVnicNetworkResourcePoolKey
		}
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
			p.Config.DefaultPortConfig = mergeSetting(old, n)
		}
		p.Config.ConfigVersion = bump(p.Config.ConfigVersion)
		return nil, nil
	})
	return &methods.ReconfigureDVPortgroup_TaskBody{Res: &types.ReconfigureDVPortgroup_TaskResponse{Returnval: id}}
}

func (p *xPG) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	if d := p.Config.DistributedVirtualSwitch; d != nil {
		if s, ok := ctx.Map.Get(*d).(*simulator.DistributedVirtualSwitch); ok && (&xDVS{s}).userOf(ctx, []ref{p.Self}, nil) != "" {
			return inUse(ctx, p.DistributedVirtualPortgroup)
		}
	}
	return p.DistributedVirtualPortgroup.DestroyTask(ctx, req)
}

// inUse is a task that fails because something uses the object.
func inUse(ctx *simulator.Context, o mo.Entity) soap.HasFault {
	id := task(ctx, o, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		return nil, &types.ResourceInUse{Type: o.Reference().Type, Name: o.Entity().Name}
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}
