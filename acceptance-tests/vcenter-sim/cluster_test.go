package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

func TestRulesAndGroups(t *testing.T) {
	w := newWorld(t)
	cluster, err := w.finder.ClusterComputeResource(w.ctx, "DC0_C0")
	w.ok(err)
	found, err := w.finder.VirtualMachineList(w.ctx, "DC0_C0_RP0_VM*")
	w.ok(err)
	a, b := found[0].Reference(), found[1].Reference()
	hosts, err := cluster.Hosts(w.ctx)
	w.ok(err)
	alone, err := w.finder.HostSystem(w.ctx, "DC0_H0")
	w.ok(err)

	change := func(spec types.ClusterConfigSpecEx) error {
		return w.wait(cluster.Reconfigure(w.ctx, &spec, true))
	}
	add := types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}
	rule := func(info types.BaseClusterRuleInfo) error {
		return change(types.ClusterConfigSpecEx{RulesSpec: []types.ClusterRuleSpec{{ArrayUpdateSpec: add, Info: info}}})
	}
	group := func(info types.BaseClusterGroupInfo) error {
		return change(types.ClusterConfigSpecEx{GroupSpec: []types.ClusterGroupSpec{{ArrayUpdateSpec: add, Info: info}}})
	}
	named := func(name string) types.ClusterRuleInfo { return types.ClusterRuleInfo{Name: name} }

	fails[types.InvalidArgument](w, rule(&types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: named("few"), Vm: []ref{a}}))
	none := ref{Type: "VirtualMachine", Value: "vm-4711"}
	fails[types.ManagedObjectNotFound](w, rule(&types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: named("deleted"), Vm: []ref{a, none}}))
	fails[types.InvalidArgument](w, rule(&types.ClusterVmHostRuleInfo{ClusterRuleInfo: named("no-group"), VmGroupName: "vms", AffineHostGroupName: "hosts"}))
	fails[types.InvalidArgument](w, group(&types.ClusterHostGroup{ClusterGroupInfo: types.ClusterGroupInfo{Name: "alien"}, Host: []ref{alone.Reference()}}))

	w.ok(group(&types.ClusterVmGroup{ClusterGroupInfo: types.ClusterGroupInfo{Name: "vms"}, Vm: []ref{a, b}}))
	w.ok(group(&types.ClusterHostGroup{ClusterGroupInfo: types.ClusterGroupInfo{Name: "hosts"}, Host: []ref{hosts[0].Reference()}}))
	w.ok(rule(&types.ClusterVmHostRuleInfo{ClusterRuleInfo: named("host"), VmGroupName: "vms", AffineHostGroupName: "hosts"}))
	w.ok(rule(&types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: named("apart"), Vm: []ref{a, b}}))
	w.ok(change(types.ClusterConfigSpecEx{
		DrsVmConfigSpec:     []types.ClusterDrsVmConfigSpec{{ArrayUpdateSpec: add, Info: &types.ClusterDrsVmConfigInfo{Key: b}}},
		DasVmConfigSpec:     []types.ClusterDasVmConfigSpec{{ArrayUpdateSpec: add, Info: &types.ClusterDasVmConfigInfo{Key: b}}},
		VmOrchestrationSpec: []types.ClusterVmOrchestrationSpec{{ArrayUpdateSpec: add, Info: &types.ClusterVmOrchestrationInfo{Vm: b}}},
	}))

	// A virtual machine that goes leaves all of it; the rule and the group stay.
	machine := object.NewVirtualMachine(w.client.Client, b)
	w.ok(w.wait(machine.PowerOff(w.ctx)))
	w.ok(w.wait(machine.Destroy(w.ctx)))
	cfg, err := cluster.Configuration(w.ctx)
	w.ok(err)
	equal(w, cfg.Group[0].(*types.ClusterVmGroup).Vm, []ref{a})
	equal(w, cfg.Rule[1].(*types.ClusterAntiAffinityRuleSpec).Vm, []ref{a})
	equal(w, len(cfg.DrsVmConfig)+len(cfg.DasVmConfig)+len(cfg.VmOrchestration), 0)
}
