package main

import (
	"reflect"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type xVApp struct {
	*simulator.VirtualApp
	session *simulator.Session // as for xPool
}

func (p *xVApp) MoveIntoResourcePool(ctx *simulator.Context, req *types.MoveIntoResourcePool) soap.HasFault {
	return moveIntoPool(ctx, &p.VirtualApp.ResourcePool, req)
}

func (p *xVApp) UpdateConfig(ctx *simulator.Context, req *types.UpdateConfig) soap.HasFault {
	rp := &simulator.ResourcePool{ResourcePool: p.VirtualApp.ResourcePool}
	r := (&xPool{rp, p.session}).UpdateConfig(ctx, req)
	p.VirtualApp.ResourcePool = rp.ResourcePool
	return r
}

func (p *xVApp) CreateVApp(ctx *simulator.Context, req *types.CreateVApp) soap.HasFault {
	req.Name = storedName(req.Name)
	rp := &simulator.ResourcePool{ResourcePool: p.VirtualApp.ResourcePool}
	r := rp.CreateVApp(ctx, req)
	p.VirtualApp.ResourcePool = rp.ResourcePool // vcsim appends the child to a copy
	if b, ok := r.(*methods.CreateVAppBody); ok && b.Res != nil {
		if c, ok := ctx.Map.Get(b.Res.Returnval).(*simulator.VirtualApp); ok {
			c.ParentFolder = nil // only set for a root vApp
			self := p.Self
			c.Parent = &self
		}
	}
	return r
}

func (p *xVApp) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	id := task(ctx, p.VirtualApp, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		if par := poolOf(ctx.Map.Get(*p.Parent)); par != nil {
			simulator.RemoveReference(&par.ResourcePool, p.Self)
		}
		if p.ParentFolder != nil {
			if f, ok := ctx.Map.Get(*p.ParentFolder).(*simulator.Folder); ok {
				simulator.RemoveReference(&f.ChildEntity, p.Self)
			}
		}
		ctx.Map.Remove(ctx, p.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}

func (p *xVApp) UpdateVAppConfig(ctx *simulator.Context, req *types.UpdateVAppConfig) soap.HasFault {
	if p.VAppConfig == nil {
		p.VAppConfig = &types.VAppConfigInfo{}
	}
	completeMembers(ctx, p.VirtualApp)
	for _, e := range req.Spec.EntityConfig {
		i := slices.IndexFunc(p.VAppConfig.EntityConfig, func(m types.VAppEntityConfigInfo) bool { return e.Key != nil && *m.Key == *e.Key })
		if i < 0 {
			return &methods.UpdateVAppConfigBody{Fault_: fault(invalidArgument("spec.entityConfig"))}
		}
		p.VAppConfig.EntityConfig[i] = e
	}
	if req.Spec.Annotation != "" {
		p.VAppConfig.Annotation = req.Spec.Annotation
	}
	to := &p.VAppConfig.VmConfigInfo
	for _, op := range req.Spec.Property {
		key, _ := op.RemoveKey.(int32)
		if op.Info != nil {
			key = op.Info.Key
		}
		at := slices.IndexFunc(to.Property, func(i types.VAppPropertyInfo) bool { return i.Key == key })
		switch {
		case (op.Operation == types.ArrayUpdateOperationAdd) != (at < 0), op.Operation != types.ArrayUpdateOperationRemove && op.Info == nil:
			return &methods.UpdateVAppConfigBody{Fault_: fault(invalidArgument("spec.property"))}
		case op.Operation == types.ArrayUpdateOperationAdd:
			to.Property = append(to.Property, *op.Info)
		case op.Operation == types.ArrayUpdateOperationEdit:
			value := op.Info.Value
			overlay(reflect.ValueOf(&to.Property[at]).Elem(), reflect.ValueOf(op.Info).Elem())
			to.Property[at].Value = value
		default:
			to.Property = slices.Delete(to.Property, at, at+1)
		}
	}
	if req.Spec.IpAssignment != nil {
		mergeStruct(reflect.ValueOf(&to.IpAssignment).Elem(), reflect.ValueOf(req.Spec.IpAssignment).Elem())
	}
	return &methods.UpdateVAppConfigBody{Res: &types.UpdateVAppConfigResponse{}}
}

// completeMembers gives each virtual machine and vApp in a vApp its place in the order in which they are powered on, with
// vSphere's defaults, and takes it from those that have left.
func completeMembers(ctx *simulator.Context, a *simulator.VirtualApp) {
	if a.VAppConfig == nil {
		a.VAppConfig = &types.VAppConfigInfo{}
	}
	inside := slices.Clone(a.Vm)
	for _, r := range a.ResourcePool.ResourcePool {
		if r.Type == "VirtualApp" {
			inside = append(inside, r)
		}
	}
	old := a.VAppConfig.EntityConfig
	members := slices.DeleteFunc(slices.Clone(old), func(m types.VAppEntityConfigInfo) bool {
		return m.Key == nil || !slices.Contains(inside, *m.Key)
	})
	for _, r := range inside {
		if !slices.ContainsFunc(members, func(m types.VAppEntityConfigInfo) bool { return *m.Key == r }) {
			key := r
			members = append(members, types.VAppEntityConfigInfo{
				Key: &key, StartOrder: 1, StartDelay: 120, StartAction: "powerOn", StopDelay: 120, StopAction: "powerOff",
				WaitingForGuest: bp(false),
			})
		}
	}
	if len(members) != len(old) {
		a.VAppConfig.EntityConfig = members
	}
}

// completeVApp puts a root vApp among the children of its folder.
func completeVApp(ctx *simulator.Context, a *simulator.VirtualApp) {
	completeMembers(ctx, a)
	if a.ParentFolder == nil {
		return
	}
	if f, ok := ctx.Map.Get(*a.ParentFolder).(*simulator.Folder); ok && simulator.FindReference(f.ChildEntity, a.Self) == nil {
		f.ChildEntity = append(f.ChildEntity, a.Self)
	}
}

func (p *xVApp) ImportVApp(ctx *simulator.Context, req *types.ImportVApp) soap.HasFault {
	return (&xPool{&simulator.ResourcePool{ResourcePool: p.VirtualApp.ResourcePool}, p.session}).ImportVApp(ctx, req)
}
