package main

import (
	"slices"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestHostNetwork(t *testing.T) {
	w := newWorld(t)
	network := func(name string) (*object.HostNetworkSystem, *object.HostSystem) {
		h, err := w.finder.HostSystem(w.ctx, name)
		w.ok(err)
		n, err := h.ConfigManager().NetworkSystem(w.ctx)
		w.ok(err)
		return n, h
	}
	info := func(n *object.HostNetworkSystem) types.HostNetworkInfo {
		var m mo.HostNetworkSystem
		w.ok(n.Properties(w.ctx, n.Reference(), []string{"networkInfo"}, &m))
		return *m.NetworkInfo
	}
	n0, h0 := network("DC0_C0_H0")
	n1, _ := network("DC0_C0_H1")
	bond := func(nics ...string) *types.HostVirtualSwitchSpec {
		return &types.HostVirtualSwitchSpec{NumPorts: 128, Bridge: &types.HostVirtualSwitchBondBridge{NicDevice: nics}}
	}
	fails[types.ResourceInUse](w, n0.AddVirtualSwitch(w.ctx, "s", bond("vmnic0")))
	fails[types.HostConfigFault](w, n0.AddVirtualSwitch(w.ctx, "s", bond("vmnic9")))
	for _, n := range []*object.HostNetworkSystem{n0, n1} {
		w.ok(n.AddVirtualSwitch(w.ctx, "s", bond("vmnic1", "vmnic2")))
		fails[types.AlreadyExists](w, n.AddVirtualSwitch(w.ctx, "s", bond()))
		// One network for all hosts that have a port group of this name.
		w.ok(n.AddPortGroup(w.ctx, types.HostPortGroupSpec{Name: "web", VswitchName: "s"}))
	}
	net, err := w.finder.Network(w.ctx, "web")
	w.ok(err)
	var shared mo.Network
	w.ok(object.NewNetwork(w.client.Client, net.Reference()).Properties(w.ctx, net.Reference(), []string{"host"}, &shared))
	equal(w, len(shared.Host), 2)
	fails[types.NotFound](w, n0.AddPortGroup(w.ctx, types.HostPortGroupSpec{Name: "x", VswitchName: "none"}))

	// A port group inherits the policy of its switch, also when that changes.
	spec := info(n0).Vswitch[1].Spec
	spec.Policy.Security.AllowPromiscuous = types.NewBool(true)
	w.ok(n0.UpdateVirtualSwitch(w.ctx, "s", spec))
	i := slices.IndexFunc(info(n0).Portgroup, func(p types.HostPortGroup) bool { return p.Spec.Name == "web" })
	equal(w, *info(n0).Portgroup[i].ComputedPolicy.Security.AllowPromiscuous, true)
	equal(w, info(n0).Portgroup[i].ComputedPolicy.NicTeaming.NicOrder.ActiveNic, []string{"vmnic1", "vmnic2"})
	equal(w, info(n0).Portgroup[i].Spec.Policy.Security == nil, true)

	// A VMkernel adapter has the first free name, keeps its port group in use, and takes its services with it.
	dev, err := n0.AddVirtualNic(w.ctx, "web", types.HostVirtualNicSpec{Ip: &types.HostIpConfig{Dhcp: true}})
	w.ok(err)
	equal(w, dev, "vmk1")
	fails[types.ResourceInUse](w, n0.RemovePortGroup(w.ctx, "web"))
	fails[types.ResourceInUse](w, n0.RemoveVirtualSwitch(w.ctx, "s"))
	services, err := h0.ConfigManager().VirtualNicManager(w.ctx)
	w.ok(err)
	selected := func(host *object.HostSystem, kind string) []string {
		var m mo.HostSystem
		w.ok(host.Properties(w.ctx, host.Reference(), []string{"config.virtualNicManagerInfo"}, &m))
		for _, c := range m.Config.VirtualNicManagerInfo.NetConfig {
			if c.NicType == kind {
				return c.SelectedVnic
			}
		}
		return nil
	}
	w.ok(services.SelectVnic(w.ctx, "vmotion", dev))
	w.ok(services.SelectVnic(w.ctx, "management", dev))
	equal(w, selected(h0, "vmotion"), []string{"vmotion.key-vim.host.VirtualNic-vmk1"})
	equal(w, len(selected(h0, "management")), 2)
	_, h1 := network("DC0_C0_H1")
	equal(w, len(selected(h1, "management")), 1)
	w.ok(services.DeselectVnic(w.ctx, "management", dev))
	equal(w, selected(h0, "management"), []string{"management.key-vim.host.VirtualNic-vmk0"})
	w.ok(n0.RemoveVirtualNic(w.ctx, dev))
	equal(w, len(selected(h0, "vmotion")), 0)

	// The network goes with the last port group, and a switch with its port groups.
	w.ok(n0.RemovePortGroup(w.ctx, "web"))
	_, err = w.finder.Network(w.ctx, "web")
	w.ok(err)
	w.ok(n1.RemoveVirtualSwitch(w.ctx, "s"))
	if _, err = w.finder.Network(w.ctx, "web"); err == nil {
		t.Error("the network is still there")
	}
	equal(w, len(info(n1).Portgroup), 2)
}

func TestDistributedSwitch(t *testing.T) {
	w := newWorld(t)
	folder := w.folder("network")
	spec := &types.VMwareDVSConfigSpec{MaxMtu: 9000}
	spec.Name = "dvs1"
	wrong := &types.VMwareDVSConfigSpec{}
	wrong.Name = "dvs1"
	wrong.InfrastructureTrafficResourceConfig = []types.DvsHostInfrastructureTrafficResource{{Key: "no-such-traffic"}}
	fails[types.InvalidArgument](w, w.wait(folder.CreateDVS(w.ctx, types.DVSCreateSpec{ConfigSpec: wrong})))
	if _, err := w.finder.Network(w.ctx, "dvs1"); err == nil {
		t.Error("the switch is there, although it could not be made")
	}
	made, err := folder.CreateDVS(w.ctx, types.DVSCreateSpec{ConfigSpec: spec})
	w.ok(err)
	info, err := made.WaitForResult(w.ctx, nil)
	w.ok(err)
	dvs := object.NewDistributedVirtualSwitch(w.client.Client, info.Result.(ref))
	fails[types.DuplicateName](w, w.wait(folder.CreateDVS(w.ctx, types.DVSCreateSpec{ConfigSpec: spec})))
	config := func() *types.VMwareDVSConfigInfo {
		var m mo.DistributedVirtualSwitch
		w.ok(dvs.Properties(w.ctx, dvs.Reference(), []string{"config"}, &m))
		return m.Config.(*types.VMwareDVSConfigInfo)
	}
	equal(w, config().ProductInfo.Version, "8.0.0")
	equal(w, len(config().InfrastructureTrafficResourceConfig), 9)

	h, err := w.finder.HostSystem(w.ctx, "DC0_C0_H0")
	w.ok(err)
	change := func(f func(*types.VMwareDVSConfigSpec)) error {
		s := &types.VMwareDVSConfigSpec{}
		s.ConfigVersion = config().ConfigVersion
		f(s)
		return w.wait(dvs.Reconfigure(w.ctx, s))
	}
	member := func(op string, nics ...string) func(*types.VMwareDVSConfigSpec) {
		b := &types.DistributedVirtualSwitchHostMemberPnicBacking{}
		for _, n := range nics {
			b.PnicSpec = append(b.PnicSpec, types.DistributedVirtualSwitchHostMemberPnicSpec{PnicDevice: n})
		}
		return func(s *types.VMwareDVSConfigSpec) {
			s.Host = []types.DistributedVirtualSwitchHostMemberConfigSpec{{Operation: op, Host: h.Reference(), Backing: b}}
		}
	}
	fails[types.ConcurrentAccess](w, change(func(s *types.VMwareDVSConfigSpec) { s.ConfigVersion = "0" }))
	fails[types.DvsOperationBulkFault](w, change(member("add", "vmnic0"))) // that of vSwitch0
	w.ok(change(member("add", "vmnic1")))
	fails[types.DvsOperationBulkFault](w, change(member("add", "vmnic2")))
	w.ok(change(member("edit", "vmnic1", "vmnic2")))

	pvlan := func(op string, primary, secondary int32, kind string) func(*types.VMwareDVSConfigSpec) {
		return func(s *types.VMwareDVSConfigSpec) {
			entry := types.VMwareDVSPvlanMapEntry{PrimaryVlanId: primary, SecondaryVlanId: secondary, PvlanType: kind}
			s.PvlanConfigSpec = []types.VMwareDVSPvlanConfigSpec{{Operation: op, PvlanEntry: entry}}
		}
	}
	fails[types.InvalidArgument](w, change(pvlan("add", 100, 101, "isolated")))
	w.ok(change(pvlan("add", 100, 100, "promiscuous")))
	w.ok(change(pvlan("add", 100, 101, "isolated")))
	w.ok(change(pvlan("edit", 100, 101, "community")))
	equal(w, config().PvlanConfig[1].PvlanType, "community")

	// What uses the switch keeps it: here a VMkernel adapter on one of its port groups.
	w.ok(w.wait(dvs.AddPortgroup(w.ctx, []types.DVPortgroupConfigSpec{{Name: "pg1", NumPorts: 8, Type: "earlyBinding"}})))
	pg, err := w.finder.Network(w.ctx, "pg1")
	w.ok(err)
	n, err := h.ConfigManager().NetworkSystem(w.ctx)
	w.ok(err)
	dev, err := n.AddVirtualNic(w.ctx, "", types.HostVirtualNicSpec{DistributedVirtualPort: &types.DistributedVirtualSwitchPortConnection{
		SwitchUuid: config().Uuid, PortgroupKey: pg.Reference().Value,
	}})
	w.ok(err)
	fails[types.DvsOperationBulkFault](w, change(member("remove")))
	fails[types.ResourceInUse](w, w.wait(dvs.Destroy(w.ctx)))
	w.ok(n.RemoveVirtualNic(w.ctx, dev))
	w.ok(change(member("remove")))
	w.ok(w.wait(dvs.Destroy(w.ctx)))
}

func TestLinkAggregationGroups(t *testing.T) {
	w := newWorld(t)
	net, err := w.finder.Network(w.ctx, "DVS0")
	w.ok(err)
	dvs := net.(*object.DistributedVirtualSwitch)
	change := func(operation string, g types.VMwareDvsLacpGroupConfig) error {
		res, err := methods.UpdateDVSLacpGroupConfig_Task(w.ctx, w.client.Client, &types.UpdateDVSLacpGroupConfig_Task{
			This: dvs.Reference(), LacpGroupSpec: []types.VMwareDvsLacpGroupSpec{{LacpGroupConfig: g, Operation: operation}},
		})
		w.ok(err)
		return w.wait(object.NewTask(w.client.Client, res.Returnval), nil)
	}
	groups := func() []types.VMwareDvsLacpGroupConfig {
		var p mo.DistributedVirtualSwitch
		w.ok(dvs.Properties(w.ctx, dvs.Reference(), []string{"config"}, &p))
		return p.Config.(*types.VMwareDVSConfigInfo).LacpGroupConfig
	}
	fails[types.NotSupported](w, change("add", types.VMwareDvsLacpGroupConfig{Name: "lag1"}))
	w.ok(w.wait(dvs.Reconfigure(w.ctx, &types.VMwareDVSConfigSpec{LacpApiVersion: "multipleLag"})))
	w.ok(change("add", types.VMwareDvsLacpGroupConfig{Name: "lag1", Mode: "active"}))
	fails[types.DuplicateName](w, change("add", types.VMwareDvsLacpGroupConfig{Name: "lag1"}))
	g := groups()[0]
	equal(w, g.Mode, "active")
	equal(w, g.UplinkName, []string{"lag1-0", "lag1-1"})
	w.ok(change("edit", types.VMwareDvsLacpGroupConfig{Key: g.Key, UplinkNum: 3}))
	equal(w, len(groups()[0].UplinkName), 3)
	equal(w, groups()[0].Mode, "active")
	w.ok(change("remove", types.VMwareDvsLacpGroupConfig{Key: g.Key}))
	equal(w, len(groups()), 0)
}
