package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestNewVirtualMachineIsPlaced(t *testing.T) {
	w := twoStores(t)
	cluster := w.find("ClusterComputeResource", "DC0_C0")
	var hosts mo.ClusterComputeResource
	w.ok(object.NewCommon(w.client.Client, cluster).Properties(w.ctx, cluster, []string{"host"}, &hosts))
	config := vmSpec("a", newDisk(-1, 1, 1, ""))
	place := func(s types.PlacementSpec) types.PlacementResult {
		t.Helper()
		s.PlacementType, s.ConfigSpec = string(types.PlacementSpecPlacementTypeCreate), &config
		res, err := methods.PlaceVm(w.ctx, w.client.Client, &types.PlaceVm{This: cluster, PlacementSpec: s})
		w.ok(err)
		return res.Returnval
	}
	where := func(r types.PlacementResult) types.VirtualMachineRelocateSpec {
		t.Helper()
		return *r.Recommendations[0].Action[0].(*types.PlacementAction).RelocateSpec
	}
	host, store := hosts.Host[len(hosts.Host)-1], w.store("LocalDS_1").Reference()
	found := where(place(types.PlacementSpec{Hosts: []types.ManagedObjectReference{host}, Datastores: []types.ManagedObjectReference{store}}))
	equal(w, *found.Host, host)
	equal(w, *found.Datastore, store)
	if config.DeviceChange = append(config.DeviceChange, newDisk(-2, 2, 1<<20, "")); len(place(types.PlacementSpec{}).Recommendations) != 0 {
		t.Fatal("no datastore has room for the disk")
	}

	// Across clusters, of which one does not have any hosts.
	config = vmSpec("a", newDisk(-1, 1, 1, ""))
	empty, err := w.folder("host").CreateCluster(w.ctx, "empty", types.ClusterConfigSpecEx{})
	w.ok(err)
	pool, err := empty.ResourcePool(w.ctx)
	w.ok(err)
	spec := types.PlaceVmsXClusterSpec{
		ResourcePools:           []types.ManagedObjectReference{pool.Reference(), w.pool().Reference()},
		VmPlacementSpecs:        []types.PlaceVmsXClusterSpecVmPlacementSpec{{ConfigSpec: config}},
		HostRecommRequired:      bp(true),
		DatastoreRecommRequired: bp(true),
	}
	result, err := w.root().PlaceVmsXCluster(w.ctx, spec)
	w.ok(err)
	equal(w, *result.PlacementInfos[0].Recommendation.Target, cluster)
	equal(w, result.Faults[0].ResourcePool, pool.Reference())
	action := result.PlacementInfos[0].Recommendation.Action[0].(*types.ClusterClusterInitialPlacementAction)
	equal(w, action.Pool, w.pool().Reference())
	equal(w, action.TargetHost != nil && action.ConfigSpec.Files.VmPathName != "", true)
}
