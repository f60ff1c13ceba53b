package main

import (
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Cluster: rules by key, DPM host overrides, complete DAS/DRS config
type xCluster struct {
	*simulator.ClusterComputeResource
}

var ruleKey int32 = 1000

func (c *xCluster) ReconfigureComputeResourceTask(ctx *simulator.Context, req *types.ReconfigureComputeResource_Task) soap.HasFault {
	spec, ok := req.Spec.(*types.ClusterConfigSpecEx)
	if !ok {
		return c.ClusterComputeResource.ReconfigureComputeResourceTask(ctx, req)
	}
	id := task(ctx, c.ClusterComputeResource, "reconfigureCluster", func() (types.AnyType, types.BaseMethodFault) {
		cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
		if f := wrongMembers(ctx, c.ClusterComputeResource, spec); f != nil {
			return nil, f
		}
		if f := setFaultDomains(c.ClusterComputeResource, spec.VsanHostConfigSpec); f != nil {
			return nil, f
		}
		if s := spec.DasConfig; s != nil {
			if cfg.DasConfig.Enabled == nil || s.Enabled != nil {
				cfg.DasConfig.Enabled = s.Enabled
			}
			mergeStruct(reflect.ValueOf(&cfg.DasConfig).Elem(), reflect.ValueOf(s).Elem())
		}
		if s := spec.DrsConfig; s != nil {
			mergeStruct(reflect.ValueOf(&cfg.DrsConfig).Elem(), reflect.ValueOf(s).Elem())
		}
		if s := spec.DpmConfig; s != nil {
			if cfg.DpmConfigInfo == nil {
				cfg.DpmConfigInfo = &types.ClusterDpmConfigInfo{}
			}
			mergeStruct(reflect.ValueOf(cfg.DpmConfigInfo).Elem(), reflect.ValueOf(s).Elem())
		}
		if s := spec.Orchestration; s != nil {
			cfg.Orchestration = s
		}
		if s := spec.InfraUpdateHaConfig; s != nil {
			cfg.InfraUpdateHaConfig = s
		}
		if s := spec.ProactiveDrsConfig; s != nil {
			cfg.ProactiveDrsConfig = s
		}
		for _, r := range spec.RulesSpec {
			i := -1
			for k := range cfg.Rule {
				ki := cfg.Rule[k].GetClusterRuleInfo()
				if r.Operation == types.ArrayUpdateOperationRemove {
					if v, ok := r.RemoveKey.(int32); ok && v == ki.Key {
						i = k
					}
				} else if r.Operation == types.ArrayUpdateOperationEdit {
					if r.Info.GetClusterRuleInfo().Key == ki.Key {
						i = k
					}
				} else if r.Info.GetClusterRuleInfo().Name == ki.Name {
					return nil, &types.DuplicateName{Name: ki.Name, Object: c.Self}
				}
			}
			switch r.Operation {
			case types.ArrayUpdateOperationAdd:
				info := r.Info.GetClusterRuleInfo()
				info.Key = atomic.AddInt32(&ruleKey, 1)
				info.RuleUuid = uuid.NewString()
				cfg.Rule = append(cfg.Rule, r.Info)
			case types.ArrayUpdateOperationEdit:
				if i < 0 {
					return nil, &types.InvalidArgument{InvalidProperty: "rulesSpec.info.key"}
				}
				r.Info.GetClusterRuleInfo().RuleUuid = cfg.Rule[i].GetClusterRuleInfo().RuleUuid
				cfg.Rule[i] = r.Info
			case types.ArrayUpdateOperationRemove:
				if i < 0 {
					return nil, &types.InvalidArgument{InvalidProperty: "rulesSpec.removeKey"}
				}
				cfg.Rule = append(cfg.Rule[:i], cfg.Rule[i+1:]...)
			}
		}
		for _, g := range spec.GroupSpec {
			i := -1
			for k := range cfg.Group {
				n := cfg.Group[k].GetClusterGroupInfo().Name
				if g.Operation == types.ArrayUpdateOperationRemove && g.RemoveKey == n || g.Info != nil && g.Info.GetClusterGroupInfo().Name == n {
					i = k
				}
			}
			switch {
			case g.Operation == types.ArrayUpdateOperationAdd && i < 0:
				cfg.Group = append(cfg.Group, g.Info)
			case g.Operation == types.ArrayUpdateOperationEdit && i >= 0:
				cfg.Group[i] = g.Info
			case g.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.Group = append(cfg.Group[:i], cfg.Group[i+1:]...)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "groupSpec"}
			}
		}
		for _, o := range spec.DrsVmConfigSpec {
			i := -1
			for k := range cfg.DrsVmConfig {
				if o.Info != nil && o.Info.Key == cfg.DrsVmConfig[k].Key || o.RemoveKey == cfg.DrsVmConfig[k].Key {
					i = k
				}
			}
			switch {
			case o.Operation == types.ArrayUpdateOperationAdd && i >= 0: // vCenter replaces an existing entry
				cfg.DrsVmConfig[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationAdd && i < 0:
				cfg.DrsVmConfig = append(cfg.DrsVmConfig, *o.Info)
			case o.Operation == types.ArrayUpdateOperationEdit && i >= 0:
				cfg.DrsVmConfig[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.DrsVmConfig = append(cfg.DrsVmConfig[:i], cfg.DrsVmConfig[i+1:]...)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "drsVmConfigSpec"}
			}
		}
		for _, o := range spec.DasVmConfigSpec {
			i := -1
			for k := range cfg.DasVmConfig {
				if o.Info != nil && o.Info.Key == cfg.DasVmConfig[k].Key || o.RemoveKey == cfg.DasVmConfig[k].Key {
					i = k
				}
			}
			switch {
			case o.Operation == types.ArrayUpdateOperationAdd && i >= 0:
				cfg.DasVmConfig[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationAdd && i < 0:
				cfg.DasVmConfig = append(cfg.DasVmConfig, *o.Info)
			case o.Operation == types.ArrayUpdateOperationEdit && i >= 0:
				cfg.DasVmConfig[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.DasVmConfig = append(cfg.DasVmConfig[:i], cfg.DasVmConfig[i+1:]...)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "dasVmConfigSpec"}
			}
		}
		for _, o := range spec.VmOrchestrationSpec {
			i := -1
			for k := range cfg.VmOrchestration {
				if o.Info != nil && o.Info.Vm == cfg.VmOrchestration[k].Vm || o.RemoveKey == cfg.VmOrchestration[k].Vm {
					i = k
				}
			}
			switch {
			case o.Operation == types.ArrayUpdateOperationAdd && i < 0:
				cfg.VmOrchestration = append(cfg.VmOrchestration, *o.Info)
			case o.Operation == types.ArrayUpdateOperationEdit && i >= 0:
				cfg.VmOrchestration[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.VmOrchestration = append(cfg.VmOrchestration[:i], cfg.VmOrchestration[i+1:]...)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "vmOrchestrationSpec"}
			}
		}
		for _, o := range spec.DpmHostConfigSpec {
			i := -1
			for k := range cfg.DpmHostConfig {
				if o.Info != nil && o.Info.Key == cfg.DpmHostConfig[k].Key || o.RemoveKey == cfg.DpmHostConfig[k].Key {
					i = k
				}
			}
			switch {
			case o.Operation == types.ArrayUpdateOperationAdd && i < 0:
				cfg.DpmHostConfig = append(cfg.DpmHostConfig, *o.Info)
			case o.Operation == types.ArrayUpdateOperationEdit && i >= 0:
				cfg.DpmHostConfig[i] = *o.Info
			case o.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.DpmHostConfig = append(cfg.DpmHostConfig[:i], cfg.DpmHostConfig[i+1:]...)
			default:
				return nil, &types.InvalidArgument{InvalidProperty: "dpmHostConfigSpec"}
			}
		}
		if spec.VsanConfig != nil {
			cfg.VsanConfigInfo = spec.VsanConfig
		}
		return nil, nil
	})
	return &methods.ReconfigureComputeResource_TaskBody{Res: &types.ReconfigureComputeResource_TaskResponse{Returnval: id}}
}

// wrongMembers checks what vCenter checks before it changes anything: that members and groups exist, that hosts are the
// cluster's own, and that a rule about virtual machines is about two or more.
func wrongMembers(ctx *simulator.Context, c *simulator.ClusterComputeResource, spec *types.ClusterConfigSpecEx) types.BaseMethodFault {
	cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	groups := map[string]bool{}
	for _, g := range cfg.Group {
		groups[g.GetClusterGroupInfo().Name] = true
	}
	missing := func(refs []ref) types.BaseMethodFault {
		for _, r := range refs {
			if ctx.Map.Get(r) == nil {
				return &types.ManagedObjectNotFound{Obj: r}
			}
		}
		return nil
	}
	// members are virtual machines that have to be there, and in the cluster.
	members := func(refs []ref, property string) types.BaseMethodFault {
		if f := missing(refs); f != nil {
			return f
		}
		for _, r := range refs {
			vm, ok := ctx.Map.Get(r).(*simulator.VirtualMachine)
			if !ok || vm.Runtime.Host == nil || simulator.FindReference(c.Host, *vm.Runtime.Host) == nil {
				return &types.InvalidArgument{InvalidProperty: property}
			}
		}
		return nil
	}
	for _, g := range spec.GroupSpec {
		switch info := g.Info.(type) {
		case *types.ClusterVmGroup:
			if f := members(info.Vm, "groupSpec.info.vm"); f != nil {
				return f
			}
			groups[info.Name] = true
		case *types.ClusterHostGroup:
			if f := missing(info.Host); f != nil {
				return f
			}
			for _, h := range info.Host {
				if simulator.FindReference(c.Host, h) == nil {
					return &types.InvalidArgument{InvalidProperty: "groupSpec.info.host"}
				}
			}
			groups[info.Name] = true
		}
	}
	for _, r := range spec.RulesSpec {
		var vms []ref
		var names []string
		switch info := r.Info.(type) {
		case *types.ClusterAffinityRuleSpec:
			vms = info.Vm
		case *types.ClusterAntiAffinityRuleSpec:
			vms = info.Vm
		case *types.ClusterVmHostRuleInfo:
			names = []string{info.VmGroupName, info.AffineHostGroupName, info.AntiAffineHostGroupName}
		case *types.ClusterDependencyRuleInfo:
			names = []string{info.VmGroup, info.DependsOnVmGroup}
		default:
			continue
		}
		if f := members(vms, "rulesSpec.info.vm"); f != nil {
			return f
		}
		if names == nil && len(vms) < 2 {
			return &types.InvalidArgument{InvalidProperty: "rulesSpec.info.vm"}
		}
		for _, n := range names {
			if n != "" && !groups[n] {
				return &types.InvalidArgument{InvalidProperty: "rulesSpec.info"}
			}
		}
	}
	for _, o := range spec.DrsVmConfigSpec {
		if o.Info != nil && o.Operation != types.ArrayUpdateOperationRemove {
			if f := members([]ref{o.Info.Key}, "drsVmConfigSpec.info.key"); f != nil {
				return f
			}
		}
	}
	for _, o := range spec.DasVmConfigSpec {
		if o.Info != nil && o.Operation != types.ArrayUpdateOperationRemove {
			if f := members([]ref{o.Info.Key}, "dasVmConfigSpec.info.key"); f != nil {
				return f
			}
		}
	}
	for _, o := range spec.VmOrchestrationSpec {
		if o.Info != nil && o.Operation != types.ArrayUpdateOperationRemove {
			if f := members([]ref{o.Info.Vm}, "vmOrchestrationSpec.info.vm"); f != nil {
				return f
			}
		}
	}
	return nil
}

// forgetDeleted removes deleted objects from groups, rules and overrides, as vCenter does: the groups and rules stay,
// with what is left.
func forgetDeleted(ctx *simulator.Context, c *simulator.ClusterComputeResource) {
	cfg, ok := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	if !ok {
		return
	}
	deleted := func(r ref) bool { return ctx.Map.Get(r) == nil }
	// A concurrent reader of the old list keeps it unchanged.
	left := func(refs []ref) []ref {
		if !slices.ContainsFunc(refs, deleted) {
			return refs
		}
		return slices.DeleteFunc(slices.Clone(refs), deleted)
	}
	for _, g := range cfg.Group {
		switch g := g.(type) {
		case *types.ClusterVmGroup:
			g.Vm = left(g.Vm)
		case *types.ClusterHostGroup:
			g.Host = left(g.Host)
		}
	}
	for _, r := range cfg.Rule {
		switch r := r.(type) {
		case *types.ClusterAffinityRuleSpec:
			r.Vm = left(r.Vm)
		case *types.ClusterAntiAffinityRuleSpec:
			r.Vm = left(r.Vm)
		}
	}
	drs := func(o types.ClusterDrsVmConfigInfo) bool { return deleted(o.Key) }
	if slices.ContainsFunc(cfg.DrsVmConfig, drs) {
		cfg.DrsVmConfig = slices.DeleteFunc(slices.Clone(cfg.DrsVmConfig), drs)
	}
	das := func(o types.ClusterDasVmConfigInfo) bool { return deleted(o.Key) }
	if slices.ContainsFunc(cfg.DasVmConfig, das) {
		cfg.DasVmConfig = slices.DeleteFunc(slices.Clone(cfg.DasVmConfig), das)
	}
	ready := func(o types.ClusterVmOrchestrationInfo) bool { return deleted(o.Vm) }
	if slices.ContainsFunc(cfg.VmOrchestration, ready) {
		cfg.VmOrchestration = slices.DeleteFunc(slices.Clone(cfg.VmOrchestration), ready)
	}
}

func completeCluster(c *simulator.ClusterComputeResource) {
	cfg, ok := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	if !ok {
		return
	}
	completeVsanHosts(c)
	d := &cfg.DasConfig
	if d.DefaultVmSettings == nil {
		d.DefaultVmSettings = &types.ClusterDasVmSettings{
			RestartPriority: "medium", IsolationResponse: "none", RestartPriorityTimeout: -1,
			VmToolsMonitoringSettings:     &types.ClusterVmToolsMonitoringSettings{VmMonitoring: "vmMonitoringDisabled", ClusterSettings: bp(true), FailureInterval: 30, MinUpTime: 120, MaxFailures: 3, MaxFailureWindow: -1},
			VmComponentProtectionSettings: &types.ClusterVmComponentProtectionSettings{VmStorageProtectionForAPD: "disabled", VmTerminateDelayForAPDSec: 180, VmReactionOnAPDCleared: "none", VmStorageProtectionForPDL: "disabled"},
		}
		if d.Enabled == nil {
			d.Enabled = bp(false)
		}
		d.HostMonitoring, d.VmMonitoring, d.VmComponentProtecting = "enabled", "vmMonitoringDisabled", "enabled"
		d.HBDatastoreCandidatePolicy = "allFeasibleDsWithUserPreference"
		if d.AdmissionControlEnabled == nil {
			d.AdmissionControlEnabled = bp(true)
		}
		if d.AdmissionControlPolicy == nil {
			d.AdmissionControlPolicy = &types.ClusterFailoverResourcesAdmissionControlPolicy{CpuFailoverResourcesPercent: 100, MemoryFailoverResourcesPercent: 100, FailoverLevel: 1, AutoComputePercentages: bp(true)}
		}
		r := &cfg.DrsConfig
		if r.Enabled == nil {
			r.Enabled = bp(false)
		}
		if r.EnableVmBehaviorOverrides == nil {
			r.EnableVmBehaviorOverrides = bp(true)
		}
		if r.VmotionRate == 0 {
			r.VmotionRate = 3
		}
		if r.DefaultVmBehavior == "" {
			r.DefaultVmBehavior = "manual"
		}
		if r.ScaleDescendantsShares == "" {
			r.ScaleDescendantsShares = "disabled"
		}
		if cfg.DpmConfigInfo == nil {
			cfg.DpmConfigInfo = &types.ClusterDpmConfigInfo{Enabled: bp(false), DefaultDpmBehavior: "manual", HostPowerActionRate: 3}
		}
		if cfg.InfraUpdateHaConfig == nil {
			cfg.InfraUpdateHaConfig = &types.ClusterInfraUpdateHaConfigInfo{Enabled: bp(false), Behavior: "Manual", ModerateRemediation: "QuarantineMode", SevereRemediation: "QuarantineMode"}
		}
		if cfg.Orchestration == nil {
			cfg.Orchestration = &types.ClusterOrchestrationInfo{DefaultVmReadiness: &types.ClusterVmReadiness{ReadyCondition: "none", PostReadyDelay: 0}}
		}
		if cfg.ProactiveDrsConfig == nil {
			cfg.ProactiveDrsConfig = &types.ClusterProactiveDrsConfigInfo{Enabled: bp(false)}
		}
	}
}

func (c *xCluster) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	return destroyCompute(ctx, &c.ClusterComputeResource.ComputeResource)
}

func (c *xCluster) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, c.ClusterComputeResource, req, nil)
}

type xCR struct{ *mo.ComputeResource }

func (c *xCR) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	return destroyCompute(ctx, c.ComputeResource)
}

// destroyCompute takes a cluster or a standalone host out of the inventory, with its hosts, its pools and its virtual
// machines. The simulator has no such method.
func destroyCompute(ctx *simulator.Context, c *mo.ComputeResource) soap.HasFault {
	id := task(ctx, c.Self, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		forgetMachines(ctx, c.Host)
		for _, h := range slices.Clone(c.Host) {
			for _, e := range ctx.Map.All("Datastore") {
				if ds, ok := e.(*simulator.Datastore); ok {
					ds.Host = slices.DeleteFunc(ds.Host, func(m types.DatastoreHostMount) bool { return m.Key == h })
				}
			}
			ctx.Map.Remove(ctx, h)
		}
		if c.ResourcePool != nil {
			removePools(ctx, *c.ResourcePool)
		}
		if f, ok := ctx.Map.Get(*c.Parent).(*simulator.Folder); ok {
			simulator.RemoveReference(&f.ChildEntity, c.Self)
		}
		ctx.Map.Remove(ctx, c.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}

// forgetMachines removes the virtual machines of hosts from the inventory: their files stay.
func forgetMachines(ctx *simulator.Context, hosts []ref) {
	for _, e := range ctx.Map.All("VirtualMachine") {
		vm, ok := e.(*simulator.VirtualMachine)
		if !ok || vm.Runtime.Host == nil || simulator.FindReference(hosts, *vm.Runtime.Host) == nil {
			continue
		}
		for _, d := range vm.Datastore {
			if ds, ok := ctx.Map.Get(d).(*simulator.Datastore); ok {
				simulator.RemoveReference(&ds.Vm, vm.Self)
			}
		}
		ctx.Map.Remove(ctx, vm.Self)
	}
}

func removePools(ctx *simulator.Context, r ref) {
	if p := poolOf(ctx.Map.Get(r)); p != nil {
		for _, child := range slices.Clone(p.ResourcePool) {
			removePools(ctx, child)
		}
	}
	ctx.Map.Remove(ctx, r)
}
