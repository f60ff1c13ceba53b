package main

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func defaultSpaceBalance() *types.StorageDrsSpaceLoadBalanceConfig {
	return &types.StorageDrsSpaceLoadBalanceConfig{SpaceUtilizationThreshold: 80, MinSpaceUtilizationDifference: 5, SpaceThresholdMode: "utilization", FreeSpaceThresholdGB: 50}
}

func defaultIoBalance() *types.StorageDrsIoLoadBalanceConfig {
	return &types.StorageDrsIoLoadBalanceConfig{IoLatencyThreshold: 15, IoLoadImbalanceThreshold: 5, ReservableThresholdMode: "automated", ReservablePercentThreshold: 60}
}

// StoragePod
func completePod(p *simulator.StoragePod) {
	e := p.PodStorageDrsEntry
	if e == nil {
		e = &types.PodStorageDrsEntry{}
		p.PodStorageDrsEntry = e
	}
	c := &e.StorageDrsConfig.PodConfig
	if c.SpaceLoadBalanceConfig == nil {
		c.SpaceLoadBalanceConfig = defaultSpaceBalance()
	}
	if c.IoLoadBalanceConfig == nil {
		c.IoLoadBalanceConfig = defaultIoBalance()
	}
	if c.AutomationOverrides == nil {
		c.AutomationOverrides = &types.StorageDrsAutomationConfig{}
	}
	if c.DefaultIntraVmAffinity == nil {
		t := true
		c.DefaultIntraVmAffinity = &t
	}
	if c.DefaultVmBehavior == "" {
		c.DefaultVmBehavior = "manual"
	}
	if c.LoadBalanceInterval == 0 {
		c.LoadBalanceInterval = 480
	}
}

type xPod struct{ *simulator.StoragePod }

func (p *xPod) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, p.StoragePod, req, func(name string) {
		if p.Summary != nil {
			p.Summary.Name = name
		}
	})
}

func (p *xPod) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	id := task(ctx, p.StoragePod, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		if f, ok := ctx.Map.Get(*p.Parent).(*simulator.Folder); ok {
			for _, c := range p.ChildEntity {
				f.ChildEntity = append(f.ChildEntity, c)
			}
			simulator.RemoveReference(&f.ChildEntity, p.Self)
		}
		ctx.Map.Remove(ctx, p.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}

type xSRM struct {
	*simulator.StorageResourceManager
}

func (m *xSRM) ConfigureStorageDrsForPodTask(ctx *simulator.Context, req *types.ConfigureStorageDrsForPod_Task) soap.HasFault {
	id := task(ctx, m.StorageResourceManager, "configureStorageDrsForPod", func() (types.AnyType, types.BaseMethodFault) {
		pod := ctx.Map.Get(req.Pod).(*simulator.StoragePod)
		completePod(pod)
		cfg := &pod.PodStorageDrsEntry.StorageDrsConfig
		if s := req.Spec.PodConfigSpec; s != nil {
			c := &cfg.PodConfig
			if s.Enabled != nil {
				c.Enabled = *s.Enabled
			}
			if s.IoLoadBalanceEnabled != nil {
				c.IoLoadBalanceEnabled = *s.IoLoadBalanceEnabled
			}
			mergeStruct(reflect.ValueOf(c).Elem(), reflect.ValueOf(s).Elem())
			// A data object is set as a whole: what it leaves out is the default.
			if s.AutomationOverrides != nil {
				c.AutomationOverrides = s.AutomationOverrides
			}
			if s.SpaceLoadBalanceConfig != nil {
				space := defaultSpaceBalance()
				mergeStruct(reflect.ValueOf(space).Elem(), reflect.ValueOf(s.SpaceLoadBalanceConfig).Elem())
				c.SpaceLoadBalanceConfig = space
			}
			if s.IoLoadBalanceConfig != nil {
				io := defaultIoBalance()
				mergeStruct(reflect.ValueOf(io).Elem(), reflect.ValueOf(s.IoLoadBalanceConfig).Elem())
				c.IoLoadBalanceConfig = io
			}
			c.Option = applyOptions(c.Option, s.Option)
			c.Rule = nil
		}
		if s := req.Spec.PodConfigSpec; s != nil {
			rules := simOf(ctx).podRules[pod.Self]
			for _, r := range s.Rule {
				i := -1
				for k := range rules {
					if r.Operation == types.ArrayUpdateOperationRemove && r.RemoveKey == rules[k].GetClusterRuleInfo().Key || r.Info != nil && r.Operation == types.ArrayUpdateOperationEdit && r.Info.GetClusterRuleInfo().Key == rules[k].GetClusterRuleInfo().Key {
						i = k
					}
				}
				switch {
				case r.Operation == types.ArrayUpdateOperationAdd:
					r.Info.GetClusterRuleInfo().Key = atomic.AddInt32(&ruleKey, 1)
					r.Info.GetClusterRuleInfo().RuleUuid = uuid.NewString()
					rules = append(rules, r.Info)
				case i < 0:
					return nil, &types.InvalidArgument{InvalidProperty: "rule"}
				case r.Operation == types.ArrayUpdateOperationEdit:
					rules[i] = r.Info
				case r.Operation == types.ArrayUpdateOperationRemove:
					rules = append(rules[:i], rules[i+1:]...)
				}
			}
			simOf(ctx).podRules[pod.Self] = rules
			cfg.PodConfig.Rule = rules
		}
		for _, v := range req.Spec.VmConfigSpec {
			i := -1
			for k := range cfg.VmConfig {
				if v.RemoveKey != nil && v.RemoveKey == *cfg.VmConfig[k].Vm || v.Info != nil && *v.Info.Vm == *cfg.VmConfig[k].Vm {
					i = k
				}
			}
			switch {
			case v.Operation == types.ArrayUpdateOperationRemove && i >= 0:
				cfg.VmConfig = append(cfg.VmConfig[:i], cfg.VmConfig[i+1:]...)
			case v.Operation == types.ArrayUpdateOperationRemove:
				return nil, &types.InvalidArgument{InvalidProperty: "vmConfigSpec"}
			case i >= 0:
				cfg.VmConfig[i] = *v.Info
			default:
				cfg.VmConfig = append(cfg.VmConfig, *v.Info)
			}
		}
		return nil, nil
	})
	return &methods.ConfigureStorageDrsForPod_TaskBody{Res: &types.ConfigureStorageDrsForPod_TaskResponse{Returnval: id}}
}

// RecommendDatastores / ApplyStorageDrsRecommendation for create, clone, reconfigure, relocate
var (
	recKey int32
)

func (m *xSRM) RecommendDatastores(ctx *simulator.Context, req *types.RecommendDatastores) soap.HasFault {
	body := &methods.RecommendDatastoresBody{}
	var podRef *types.ManagedObjectReference
	if podRef = req.StorageSpec.PodSelectionSpec.StoragePod; podRef == nil {
		for _, c := range req.StorageSpec.PodSelectionSpec.InitialVmConfig {
			r := c.StoragePod
			podRef = &r
		}
	}
	if podRef == nil {
		body.Fault_ = simulator.Fault("", &types.InvalidArgument{InvalidProperty: "podSelectionSpec.storagePod"})
		return body
	}
	pod, ok := ctx.Map.Get(*podRef).(*simulator.StoragePod)
	res := &types.RecommendDatastoresResponse{}
	if ok && pod.PodStorageDrsEntry != nil && pod.PodStorageDrsEntry.StorageDrsConfig.PodConfig.Enabled {
		stores := slices.DeleteFunc(slices.Clone(pod.ChildEntity), func(r ref) bool { // in maintenance, or out of reach
			ds, ok := ctx.Map.Get(r).(*simulator.Datastore)
			return !ok || ds.Summary.MaintenanceMode != "" && ds.Summary.MaintenanceMode != string(types.DatastoreSummaryMaintenanceModeStateNormal)
		})
		free := func(r ref) int64 { return ctx.Map.Get(r).(*simulator.Datastore).Summary.FreeSpace }
		slices.SortStableFunc(stores, func(a, b ref) int { return cmp.Compare(free(b), free(a)) })
		for _, ds := range stores {
			k := strconv.Itoa(int(atomic.AddInt32(&recKey, 1)))
			d := ds
			simOf(ctx).recSpec.Store(k, [2]any{req.StorageSpec, d})
			res.Returnval.Recommendations = append(res.Returnval.Recommendations, types.ClusterRecommendation{
				Key: k, Type: "V1", Time: time.Now(), Rating: 1, Reason: "storagePlacement", ReasonText: "Satisfy storage initial placement requests", Target: podRef,
				Action: []types.BaseClusterAction{&types.StoragePlacementAction{
					ClusterAction: types.ClusterAction{Type: "StoragePlacementV1"}, Vm: req.StorageSpec.Vm, Destination: d,
					RelocateSpec: types.VirtualMachineRelocateSpec{Datastore: &d, Disk: placedDisks(&req.StorageSpec, d)},
				}},
			})
		}
	}
	body.Res = res
	return body
}

// placedDisks are the disks that the caller asked a place for.
func placedDisks(spec *types.StoragePlacementSpec, to ref) (list []types.VirtualMachineRelocateSpecDiskLocator) {
	for _, c := range spec.PodSelectionSpec.InitialVmConfig {
		for _, d := range c.Disk {
			list = append(list, types.VirtualMachineRelocateSpecDiskLocator{DiskId: d.DiskId, Datastore: to, DiskBackingInfo: d.DiskBackingInfo})
		}
	}
	return list
}

func (m *xSRM) ApplyStorageDrsRecommendationTask(ctx *simulator.Context, req *types.ApplyStorageDrsRecommendation_Task) soap.HasFault {
	id := task(ctx, m.StorageResourceManager, "applyStorageDrsRecommendation", func() (types.AnyType, types.BaseMethodFault) {
		if len(req.Key) == 0 {
			return nil, &types.InvalidArgument{InvalidProperty: "key"}
		}
		v, ok := simOf(ctx).recSpec.LoadAndDelete(req.Key[0]) // good for once
		if !ok {
			return nil, &types.InvalidArgument{InvalidProperty: "key"}
		}
		sp, dsRef := v.([2]any)[0].(types.StoragePlacementSpec), v.([2]any)[1].(types.ManagedObjectReference)
		ds := ctx.Map.Get(dsRef).(*simulator.Datastore)
		setDS := func(c *types.VirtualMachineConfigSpec) {
			for _, dc := range c.DeviceChange {
				s := dc.GetVirtualDeviceConfigSpec()
				if d, ok := s.Device.(*types.VirtualDisk); ok && s.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate {
					if b, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
						b.GetVirtualDeviceFileBackingInfo().Datastore = &dsRef
						b.GetVirtualDeviceFileBackingInfo().FileName = "[" + ds.Name + "]"
					}
				}
			}
		}
		machine := func() (*simulator.VirtualMachine, types.BaseMethodFault) {
			if sp.Vm != nil {
				if vm, ok := ctx.Map.Get(*sp.Vm).(*simulator.VirtualMachine); ok {
					return vm, nil
				}
			}
			return nil, invalidArgument("storageSpec.vm")
		}
		out := types.ApplyStorageRecommendationResult{Vm: sp.Vm}
		var bad types.BaseMethodFault
		switch sp.Type {
		case "create":
			if sp.ConfigSpec == nil || sp.Folder == nil || sp.ResourcePool == nil {
				return nil, invalidArgument("storageSpec")
			}
			f, ok := ctx.Map.Get(*sp.Folder).(*simulator.Folder)
			if !ok {
				return nil, &types.ManagedObjectNotFound{Obj: *sp.Folder}
			}
			cfg := *sp.ConfigSpec
			files := types.VirtualMachineFileInfo{}
			if cfg.Files != nil {
				files = *cfg.Files
			}
			var p object.DatastorePath
			p.FromString(files.VmPathName)
			files.VmPathName = strings.TrimSpace("[" + ds.Name + "] " + p.Path)
			cfg.Files = &files
			setDS(&cfg)
			vm, fault := createVM(ctx, f, cfg, *sp.ResourcePool, sp.Host)
			if bad = fault; bad == nil {
				out.Vm = &vm.Self
			}
		case "clone":
			vm, fault := machine()
			if fault != nil {
				return nil, fault
			}
			if sp.CloneSpec == nil || sp.Folder == nil {
				return nil, invalidArgument("storageSpec")
			}
			c := *sp.CloneSpec
			c.Location.Datastore = &dsRef
			if c.Location.Pool == nil {
				c.Location.Pool = sp.ResourcePool
			}
			if c.Location.Host == nil {
				c.Location.Host = sp.Host
			}
			c.Location.Disk = slices.Clone(c.Location.Disk)
			for i := range c.Location.Disk {
				c.Location.Disk[i].Datastore = dsRef
			}
			if c.Config != nil {
				setDS(c.Config)
			}
			ctx.WithLock(vm, func() {
				var r types.AnyType
				if r, bad = cloneVM(ctx, vm, *sp.Folder, sp.CloneName, c); bad == nil {
					clone := r.(ref)
					out.Vm = &clone
				}
			})
		case "reconfigure", "relocate":
			vm, fault := machine()
			if fault != nil {
				return nil, fault
			}
			ctx.WithLock(vm, func() {
				if sp.Type == "relocate" {
					move := types.VirtualMachineRelocateSpec{}
					if sp.RelocateSpec != nil {
						move = *sp.RelocateSpec
					}
					move.Datastore = &dsRef
					for i := range move.Disk {
						move.Disk[i].Datastore = dsRef
					}
					bad = relocateVM(ctx, vm, move)
					return
				}
				cfg := types.VirtualMachineConfigSpec{}
				if sp.ConfigSpec != nil {
					cfg = *sp.ConfigSpec
				}
				setDS(&cfg)
				bad = reconfigureVM(ctx, vm, cfg)
			})
		default:
			return nil, &types.NotSupported{}
		}
		if bad != nil {
			return nil, bad
		}
		return out, nil
	})
	return &methods.ApplyStorageDrsRecommendation_TaskBody{Res: &types.ApplyStorageDrsRecommendation_TaskResponse{Returnval: id}}
}

func applyOptions(cur []types.BaseOptionValue, specs []types.StorageDrsOptionSpec) []types.BaseOptionValue {
	for _, s := range specs {
		if s.Operation == types.ArrayUpdateOperationRemove {
			for i := range cur {
				if cur[i].GetOptionValue().Key == s.RemoveKey {
					cur = append(cur[:i], cur[i+1:]...)
					break
				}
			}
			continue
		}
		f := false
		for i := range cur {
			if cur[i].GetOptionValue().Key == s.Option.GetOptionValue().Key {
				cur[i] = s.Option
				f = true
			}
		}
		if !f {
			cur = append(cur, s.Option)
		}
	}
	return cur
}
