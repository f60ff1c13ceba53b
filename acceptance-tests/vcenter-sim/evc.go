package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// generations are processors from old to new, each with the features that it brings; a mode has those of all before it.
var generations = []struct {
	vendor, key, label string
	brings             []string
}{
	{"intel", "intel-merom", "Intel® \"Merom\" Generation", []string{"Intel", "SSE3", "SSSE3"}},
	{"intel", "intel-penryn", "Intel® \"Penryn\" Generation", []string{"SSE41"}},
	{"intel", "intel-nehalem", "Intel® \"Nehalem\" Generation", []string{"SSE42", "POPCNT"}},
	{"intel", "intel-westmere", "Intel® \"Westmere\" Generation", []string{"AES", "PCLMULQDQ"}},
	{"intel", "intel-sandybridge", "Intel® \"Sandy Bridge\" Generation", []string{"AVX", "XSAVE"}},
	{"intel", "intel-haswell", "Intel® \"Haswell\" Generation", []string{"AVX2", "BMI1", "BMI2"}},
	{"intel", "intel-skylake", "Intel® \"Skylake\" Generation", []string{"AVX512F", "CLWB"}},
	{"intel", "intel-cascadelake", "Intel® \"Cascade Lake\" Generation", []string{"AVX512VNNI"}},
	{"amd", "amd-piledriver", "AMD Opteron™ \"Piledriver\" Generation", []string{"AMD", "AVX", "FMA4"}},
	{"amd", "amd-zen", "AMD \"Zen\" Generation", []string{"AVX2", "SHA"}},
	{"amd", "amd-zen2", "AMD \"Zen 2\" Generation", []string{"CLWB"}},
}

func evcModes() (modes []types.EVCMode) {
	has, track := map[string][]string{}, map[string][]string{}
	for _, g := range generations {
		has[g.vendor], track[g.vendor] = append(has[g.vendor], g.brings...), append(track[g.vendor], g.key)
		m := types.EVCMode{Vendor: g.vendor, VendorTier: int32(len(track[g.vendor])), Track: slices.Clone(track[g.vendor])}
		m.Key, m.Label, m.Summary = g.key, g.label, g.label
		for _, f := range has[g.vendor] {
			name := "cpuid." + f
			m.FeatureMask = append(m.FeatureMask, types.HostFeatureMask{Key: name, FeatureName: name, Value: "Val:1"})
			m.FeatureCapability = append(m.FeatureCapability, types.HostFeatureCapability{Key: name, FeatureName: name, Value: "1"})
			m.FeatureRequirement = append(m.FeatureRequirement, types.VirtualMachineFeatureRequirement{Key: name, FeatureName: name, Value: "Bool:Min:1"})
		}
		modes = append(modes, m)
	}
	return modes
}

func (s *sim) fillEvc() {
	if si, ok := s.reg.Get(ref{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance); ok {
		si.Capability.SupportedEVCMode = evcModes()
	}
}

// ApplyEvcModeVMTask: a machine keeps the masks that it is given, with or without completeMasks; an empty set takes them away.
func (v *xVM) ApplyEvcModeVMTask(ctx *simulator.Context, req *types.ApplyEvcModeVM_Task) soap.HasFault {
	id := task(ctx, v.VirtualMachine, "applyEvcMode", func() (types.AnyType, types.BaseMethodFault) {
		switch {
		case v.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff:
			return nil, notWhileOn(v.VirtualMachine)
		case v.Config.Template:
			return nil, &types.InvalidState{}
		case hardwareNumber(v.Config.Version) < 14:
			return nil, &types.NotSupported{}
		}
		masks := slices.Clone(req.Mask)
		ctx.Update(v.VirtualMachine, []types.PropertyChange{{Name: "runtime.featureMask", Val: masks}, {Name: "summary.runtime.featureMask", Val: masks}})
		return nil, nil
	})
	return &methods.ApplyEvcModeVM_TaskBody{Res: &types.ApplyEvcModeVM_TaskResponse{Returnval: id}}
}

// evcManager sets the EVC mode of one cluster.
type evcManager struct {
	mo.ClusterEVCManager
	cluster *simulator.ClusterComputeResource
}

// EvcManager makes the manager of a cluster when it is first asked for.
func (c *xCluster) EvcManager(ctx *simulator.Context, req *types.EvcManager) soap.HasFault {
	self := ref{Type: "ClusterEVCManager", Value: "evcManager-" + c.Self.Value}
	if ctx.Map.Get(self) == nil {
		evc := &evcManager{cluster: c.ClusterComputeResource}
		evc.Self, evc.ManagedCluster = self, c.Self
		ctx.Map.Put(evc)
	}
	return &methods.EvcManagerBody{Res: &types.EvcManagerResponse{Returnval: &self}}
}

// ConfigureEvcModeTask takes modes that the service knows, of the vendor of the hosts' processors.
func (e *evcManager) ConfigureEvcModeTask(ctx *simulator.Context, req *types.ConfigureEvcMode_Task) soap.HasFault {
	id := task(ctx, e.cluster, "configureEvc", func() (types.AnyType, types.BaseMethodFault) {
		if !slices.ContainsFunc(evcModes(), func(m types.EVCMode) bool { return m.Key == req.EvcModeKey }) {
			return nil, &types.InvalidArgument{InvalidProperty: "evcModeKey"}
		}
		e.set(ctx, req.EvcModeKey)
		return nil, nil
	})
	return &methods.ConfigureEvcMode_TaskBody{Res: &types.ConfigureEvcMode_TaskResponse{Returnval: id}}
}

func (e *evcManager) DisableEvcModeTask(ctx *simulator.Context, req *types.DisableEvcMode_Task) soap.HasFault {
	id := task(ctx, e.cluster, "disableEvc", func() (types.AnyType, types.BaseMethodFault) {
		e.set(ctx, "")
		return nil, nil
	})
	return &methods.DisableEvcMode_TaskBody{Res: &types.DisableEvcMode_TaskResponse{Returnval: id}}
}

func (e *evcManager) set(ctx *simulator.Context, mode string) {
	summary := *e.cluster.Summary.(*types.ClusterComputeResourceSummary)
	summary.CurrentEVCModeKey = mode
	ctx.Update(e.cluster, []types.PropertyChange{{Name: "summary", Val: &summary}})
}
