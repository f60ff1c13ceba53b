package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// MoveIntoTask moves hosts of the same datacenter into the cluster, with their virtual machines, which get into its root
// resource pool. The compute resource of a standalone host and its pools cease to exist; a host of another cluster has to
// be in maintenance mode. The simulator leaves the pools and virtual machines behind, and the folder's reference too.
func (c *xCluster) MoveIntoTask(ctx *simulator.Context, req *types.MoveInto_Task) soap.HasFault {
	id := task(ctx, c.ClusterComputeResource, "moveInto", func() (types.AnyType, types.BaseMethodFault) {
		for _, r := range req.Host {
			h, ok := ctx.Map.Get(r).(*simulator.HostSystem)
			if !ok {
				return nil, &types.ManagedObjectNotFound{Obj: r}
			}
			if *h.Parent == c.Self {
				return nil, &types.DuplicateName{Name: h.Name, Object: h.Self}
			}
			if datacenterOf(ctx, *h.Parent) != datacenterOf(ctx, c.Self) {
				return nil, &types.InvalidArgument{InvalidProperty: "host"}
			}
			switch parent := ctx.Map.Get(*h.Parent).(type) {
			case *simulator.ClusterComputeResource:
				if !h.Runtime.InMaintenanceMode {
					return nil, &types.InvalidState{}
				}
				simulator.RemoveReference(&parent.Host, r)
				moveVMs(ctx, h, *c.ResourcePool)
			case *mo.ComputeResource:
				moveVMs(ctx, h, *c.ResourcePool)
				removePools(ctx, *parent.ResourcePool)
				if children := childrenOf(ctx.Map.Get(*parent.Parent)); children != nil {
					ctx.Map.RemoveReference(ctx, ctx.Map.Get(*parent.Parent), children, parent.Self)
				}
				ctx.Map.Remove(ctx, parent.Self)
			}
			self := c.Self
			h.Parent = &self
			c.Host = append(c.Host, r)
			for _, d := range h.Datastore {
				ctx.Map.AddReference(ctx, c.ClusterComputeResource, &c.Datastore, d)
			}
			for _, n := range h.Network {
				ctx.Map.AddReference(ctx, c.ClusterComputeResource, &c.Network, n)
			}
		}
		return nil, nil
	})
	return &methods.MoveInto_TaskBody{Res: &types.MoveInto_TaskResponse{Returnval: id}}
}

// moveVMs puts the virtual machines of a host into a resource pool.
func moveVMs(ctx *simulator.Context, h *simulator.HostSystem, pool ref) {
	to := ctx.Map.Get(pool).(*simulator.ResourcePool)
	for _, r := range h.Vm {
		vm, ok := ctx.Map.Get(r).(*simulator.VirtualMachine)
		if !ok || vm.ResourcePool == nil || *vm.ResourcePool == pool {
			continue
		}
		if from, ok := ctx.Map.Get(*vm.ResourcePool).(*simulator.ResourcePool); ok {
			simulator.RemoveReference(&from.Vm, r)
		}
		vm.ResourcePool = &to.Self
		ctx.Map.AddReference(ctx, to, &to.Vm, r)
	}
}

// moveHostOut moves a host out of its cluster into a folder, where it gets a compute resource and a root pool of its own.
// The host has to be in maintenance mode, without virtual machines that are powered on (vSphere API reference,
// Folder.MoveIntoFolder_Task).
func moveHostOut(ctx *simulator.Context, f *simulator.Folder, h *simulator.HostSystem) types.BaseMethodFault {
	cluster, ok := ctx.Map.Get(*h.Parent).(*simulator.ClusterComputeResource)
	if !ok || !slices.Contains(f.ChildType, "ComputeResource") || datacenterOf(ctx, h.Self) != datacenterOf(ctx, f.Self) {
		return &types.NotSupported{}
	}
	if !h.Runtime.InMaintenanceMode {
		return &types.InvalidState{}
	}
	if other := sameName(ctx, f.Self, h.Name, h.Self); other != nil {
		return &types.DuplicateName{Name: h.Name, Object: other.Reference()}
	}
	pool := simulator.NewResourcePool(ctx)
	cr := &mo.ComputeResource{
		ConfigurationEx:    &types.ComputeResourceConfigInfo{VmSwapPlacement: "vmDirectory"},
		Summary:            &types.ComputeResourceSummary{NumHosts: 1, NumEffectiveHosts: 1, OverallStatus: types.ManagedEntityStatusGreen},
		EnvironmentBrowser: cluster.EnvironmentBrowser,
		Host:               []ref{h.Self},
		Datastore:          slices.Clone(h.Datastore),
		Network:            slices.Clone(h.Network),
	}
	cr.Name = h.Name
	ctx.Map.PutEntity(f, ctx.Map.NewEntity(cr))
	ctx.Map.AppendReference(ctx, f, &f.ChildEntity, cr.Self)
	ctx.Map.PutEntity(cr, ctx.Map.NewEntity(pool))
	pool.Owner, cr.ResourcePool = cr.Self, &pool.Self
	simulator.RemoveReference(&cluster.Host, h.Self)
	self := cr.Self
	h.Parent = &self
	moveVMs(ctx, h, pool.Self)
	return nil
}
