package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// A place for a new virtual machine: what a cluster has the most room for.
type place struct {
	host, store ref
	load        int // virtual machines on the host
}

// places returns the hosts of a cluster, the least used one first, each with its datastore with the most free space.
// The lists are those of the request, and empty for all.
func places(ctx *simulator.Context, c *simulator.ClusterComputeResource, hosts, stores []ref, spec *types.VirtualMachineConfigSpec) (found []place) {
	for _, r := range c.Host {
		h, ok := ctx.Map.Get(r).(*simulator.HostSystem)
		if !ok || len(hosts) > 0 && !slices.Contains(hosts, r) || h.Runtime.InMaintenanceMode || h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected {
			continue
		}
		var best *simulator.Datastore
		for _, d := range h.Datastore {
			ds, ok := ctx.Map.Get(d).(*simulator.Datastore)
			if !ok || len(stores) > 0 && !slices.Contains(stores, d) || ds.Summary.FreeSpace < diskSpace(spec) {
				continue
			}
			if mode := ds.Summary.MaintenanceMode; mode != "" && mode != string(types.DatastoreSummaryMaintenanceModeStateNormal) {
				continue
			}
			if best == nil || ds.Summary.FreeSpace > best.Summary.FreeSpace {
				best = ds
			}
		}
		if best != nil {
			found = append(found, place{r, best.Self, len(h.Vm)})
		}
	}
	slices.SortStableFunc(found, func(a, b place) int { return cmp.Compare(a.load, b.load) })
	return found
}

// diskSpace is the size of all disks that a spec adds.
func diskSpace(spec *types.VirtualMachineConfigSpec) (sum int64) {
	for _, c := range spec.DeviceChange {
		if d, ok := c.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk); ok {
			sum += max(d.CapacityInBytes, d.CapacityInKB*1024)
		}
	}
	return sum
}

func recommendation(key types.RecommendationReasonCode, target ref, action types.BaseClusterAction) types.ClusterRecommendation {
	return types.ClusterRecommendation{
		Key: "1", Type: "V1", Time: time.Now(), Rating: 1, Reason: string(key), ReasonText: string(key), Target: &target,
		Action: []types.BaseClusterAction{action},
	}
}

// PlaceVm of a new virtual machine; govmomi's simulator makes recommendations of other types.
func (c *xCluster) PlaceVm(ctx *simulator.Context, req *types.PlaceVm) soap.HasFault {
	s := &req.PlacementSpec
	if s.PlacementType != string(types.PlacementSpecPlacementTypeCreate) || len(c.Host) == 0 {
		return c.ClusterComputeResource.PlaceVm(ctx, req)
	}
	body := &methods.PlaceVmBody{}
	if s.ConfigSpec == nil {
		body.Fault_ = simulator.Fault("", &types.InvalidArgument{InvalidProperty: "PlacementSpec.configSpec"})
		return body
	}
	stores := slices.Clone(s.Datastores)
	for _, r := range s.StoragePods {
		if pod, ok := ctx.Map.Get(r).(*simulator.StoragePod); ok {
			stores = append(stores, pod.ChildEntity...)
		}
	}
	body.Res = &types.PlaceVmResponse{}
	if len(s.StoragePods) > 0 && len(stores) == 0 { // an empty list would be all of them
		stores = []ref{{}}
	}
	found := places(ctx, c.ClusterComputeResource, s.Hosts, stores, s.ConfigSpec)
	for _, p := range found[:min(1, len(found))] {
		spec := &types.VirtualMachineRelocateSpec{Datastore: &p.store, Host: &p.host, Pool: c.ResourcePool}
		action := &types.PlacementAction{TargetHost: &p.host, RelocateSpec: spec}
		body.Res.Returnval.Recommendations = append(body.Res.Returnval.Recommendations, recommendation(types.RecommendationReasonCodeXvmotionPlacement, c.Self, action))
	}
	if len(found) == 0 {
		body.Res.Returnval.DrsFault = &types.ClusterDrsFaults{
			Reason:     "placement",
			FaultsByVm: []types.BaseClusterDrsFaultsFaultsByVm{&types.ClusterDrsFaultsFaultsByVm{Fault: noPlace()}},
		}
	}
	return body
}

func noPlace() []types.LocalizedMethodFault {
	return []types.LocalizedMethodFault{{
		Fault:            &types.NoCompatibleHost{},
		LocalizedMessage: "No host is compatible with the virtual machine.",
	}}
}

// PlaceVmsXCluster of new virtual machines; govmomi's simulator checks the request, and makes recommendations of other types.
func (f *xFolder) PlaceVmsXCluster(ctx *simulator.Context, req *types.PlaceVmsXCluster) soap.HasFault {
	res := f.Folder.PlaceVmsXCluster(ctx, req)
	body, ok := res.(*methods.PlaceVmsXClusterBody)
	s := &req.PlacementSpec
	if !ok || body.Fault_ != nil || s.PlacementType != "" && s.PlacementType != string(types.PlaceVmsXClusterSpecPlacementTypeCreateAndPowerOn) {
		return res
	}
	out := types.PlaceVmsXClusterResult{}
	for _, vm := range s.VmPlacementSpecs {
		config := vm.ConfigSpec
		var best *place
		var to *simulator.ResourcePool
		for _, r := range s.ResourcePools {
			pool := ctx.Map.Get(r).(*simulator.ResourcePool)
			cluster, ok := ctx.Map.Get(pool.Owner).(*simulator.ClusterComputeResource)
			if !ok {
				continue
			}
			found := places(ctx, cluster, nil, nil, &config)
			if len(found) == 0 {
				out.Faults = append(out.Faults, types.PlaceVmsXClusterResultPlacementFaults{ResourcePool: r, VmName: config.Name, Faults: noPlace()})
			} else if best == nil || found[0].load < best.load {
				best, to = &found[0], pool
			}
		}
		if best == nil {
			continue
		}
		action := &types.ClusterClusterInitialPlacementAction{Pool: to.Self}
		if s.HostRecommRequired != nil && *s.HostRecommRequired {
			action.TargetHost = &best.host
		}
		if s.DatastoreRecommRequired != nil && *s.DatastoreRecommRequired {
			for _, c := range config.DeviceChange {
				if d, ok := c.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk); ok {
					if b, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
						b.GetVirtualDeviceFileBackingInfo().Datastore = &best.store
					}
				}
			}
			config.Files = &types.VirtualMachineFileInfo{VmPathName: "[" + ctx.Map.Get(best.store).(*simulator.Datastore).Name + "]"}
			action.ConfigSpec = &config
		}
		out.PlacementInfos = append(out.PlacementInfos, types.PlaceVmsXClusterResultPlacementInfo{
			VmName: config.Name, Recommendation: recommendation(types.RecommendationReasonCodeXClusterPlacement, to.Owner, action),
		})
	}
	body.Res = &types.PlaceVmsXClusterResponse{Returnval: out}
	return body
}
