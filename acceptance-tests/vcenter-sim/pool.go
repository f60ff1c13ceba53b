package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ResourcePool
type xPool struct {
	*simulator.ResourcePool
	session *simulator.Session // as it was before the wrapper got into it: a lease has to outlive the request
}

func poolOf(o mo.Reference) *mo.ResourcePool {
	switch p := o.(type) {
	case *simulator.ResourcePool:
		return &p.ResourcePool
	case *simulator.VirtualApp:
		return &p.ResourcePool
	}
	return nil
}

func (p *xPool) MoveIntoResourcePool(ctx *simulator.Context, req *types.MoveIntoResourcePool) soap.HasFault {
	return moveIntoPool(ctx, &p.ResourcePool.ResourcePool, req)
}

// What is moved has to be part of the cluster or standalone host that the pool is in: the API reference of
// MoveIntoResourcePool. The fault is that of terraform-provider-vsphere #744.
func moveIntoPool(ctx *simulator.Context, dst *mo.ResourcePool, req *types.MoveIntoResourcePool) soap.HasFault {
	for _, ref := range req.List {
		src := poolOf(ctx.Map.Get(ref))
		if vm, ok := ctx.Map.Get(ref).(*simulator.VirtualMachine); ok && vm.ResourcePool != nil {
			src = poolOf(ctx.Map.Get(*vm.ResourcePool))
		}
		if src == nil || src.Owner != dst.Owner {
			return &methods.MoveIntoResourcePoolBody{
				Fault_: simulator.Fault("A specified parameter was not correct: list", &types.InvalidArgument{InvalidProperty: "list"}),
			}
		}
	}
	for _, ref := range req.List {
		o := ctx.Map.Get(ref)
		if c := poolOf(o); c != nil {
			if par := poolOf(ctx.Map.Get(*c.Parent)); par != nil {
				simulator.RemoveReference(&par.ResourcePool, ref)
			}
			dst.ResourcePool = append(dst.ResourcePool, ref)
			self := dst.Self
			c.Parent = &self
		} else if vm, ok := o.(*simulator.VirtualMachine); ok {
			if par := poolOf(ctx.Map.Get(*vm.ResourcePool)); par != nil {
				simulator.RemoveReference(&par.Vm, ref)
			}
			dst.Vm = append(dst.Vm, ref)
			self := dst.Self
			vm.ResourcePool = &self
		}
	}
	return &methods.MoveIntoResourcePoolBody{Res: &types.MoveIntoResourcePoolResponse{}}
}

func (p *xPool) UpdateConfig(ctx *simulator.Context, req *types.UpdateConfig) soap.HasFault {
	r := p.ResourcePool.UpdateConfig(ctx, req)
	if r.Fault() != nil || req.Config == nil {
		return r
	}
	if req.Config.ScaleDescendantsShares != "" {
		p.Config.ScaleDescendantsShares = req.Config.ScaleDescendantsShares
	}
	// The simulator leaves this one as it was made.
	if v := req.Config.CpuAllocation.ExpandableReservation; v != nil {
		p.Config.CpuAllocation.ExpandableReservation = v
	}
	if v := req.Config.MemoryAllocation.ExpandableReservation; v != nil {
		p.Config.MemoryAllocation.ExpandableReservation = v
	}
	return r
}

func (p *xPool) CreateResourcePool(ctx *simulator.Context, req *types.CreateResourcePool) soap.HasFault {
	req.Name = storedName(req.Name)
	r := p.ResourcePool.CreateResourcePool(ctx, req)
	if b, ok := r.(*methods.CreateResourcePoolBody); ok && b.Res != nil {
		if c := poolOf(ctx.Map.Get(b.Res.Returnval)); c != nil {
			c.Config.ScaleDescendantsShares = req.Spec.ScaleDescendantsShares
		}
	}
	return r
}

func (p *xPool) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	if strings.HasSuffix(p.Parent.Type, "ComputeResource") {
		return &methods.Rename_TaskBody{Fault_: fault(&types.NotSupported{})}
	}
	return rename(ctx, p.ResourcePool, req, func(name string) { p.Summary.GetResourcePoolSummary().Name = name })
}

// DestroyTask gives child pools, vApps and virtual machines to the parent. The simulator panics, in a goroutine of its
// own and so without recovery, if the parent does not exist or a child is a vApp.
func (p *xPool) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	return destroyPool(ctx, p.ResourcePool, &p.ResourcePool.ResourcePool)
}

func destroyPool(ctx *simulator.Context, this mo.Reference, p *mo.ResourcePool) soap.HasFault {
	id := task(ctx, this, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		if p.Parent == nil || strings.HasSuffix(p.Parent.Type, "ComputeResource") {
			return nil, &types.InvalidArgument{} // the root pool
		}
		if parent := poolOf(ctx.Map.Get(*p.Parent)); parent != nil {
			simulator.RemoveReference(&parent.ResourcePool, p.Self)
			self := parent.Self
			for _, r := range p.ResourcePool {
				if c := poolOf(ctx.Map.Get(r)); c != nil {
					c.Parent = &self
					parent.ResourcePool = append(parent.ResourcePool, r)
				}
			}
			for _, r := range p.Vm {
				if vm, ok := ctx.Map.Get(r).(*simulator.VirtualMachine); ok {
					vm.ResourcePool = &self
					parent.Vm = append(parent.Vm, r)
				}
			}
		}
		ctx.Map.Remove(ctx, p.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}
