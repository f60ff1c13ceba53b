package main

import (
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CustomizationSpecManager: times and versions, removal, names that change
type xCust struct {
	*simulator.CustomizationSpecManager
}

func (c *xCust) stamp(it *types.CustomizationSpecItem) {
	now := time.Now()
	it.Info.LastUpdateTime = &now
	it.Info.ChangeVersion = strconv.FormatInt(now.UnixNano(), 10)
	if n := it.Spec.NicSettingMap; n != nil {
		for i := range n {
			if n[i].Adapter.Ip == nil {
				n[i].Adapter.Ip = &types.CustomizationDhcpIpGenerator{}
			}
		}
	}
}

func (c *xCust) DeleteCustomizationSpec(ctx *simulator.Context, req *types.DeleteCustomizationSpec) soap.HasFault {
	b := &methods.DeleteCustomizationSpecBody{}
	if c.GetCustomizationSpec(ctx, &types.GetCustomizationSpec{Name: req.Name}).Fault() != nil {
		b.Fault_ = simulator.Fault("", &types.NotFound{})
		return b
	}
	simOf(ctx).custDeleted.Store(req.Name, true)
	b.Res = &types.DeleteCustomizationSpecResponse{}
	return b
}

func (c *xCust) GetCustomizationSpec(ctx *simulator.Context, req *types.GetCustomizationSpec) soap.HasFault {
	if _, deleted := simOf(ctx).custDeleted.Load(req.Name); deleted {
		return &methods.GetCustomizationSpecBody{Fault_: simulator.Fault("", &types.NotFound{})}
	}
	return c.CustomizationSpecManager.GetCustomizationSpec(ctx, req)
}

func (c *xCust) DoesCustomizationSpecExist(ctx *simulator.Context, req *types.DoesCustomizationSpecExist) soap.HasFault {
	_, deleted := simOf(ctx).custDeleted.Load(req.Name)
	r := c.CustomizationSpecManager.DoesCustomizationSpecExist(ctx, req)
	if b, ok := r.(*methods.DoesCustomizationSpecExistBody); ok && b.Res != nil && deleted {
		b.Res.Returnval = false
	}
	return r
}

func (c *xCust) CreateCustomizationSpec(ctx *simulator.Context, req *types.CreateCustomizationSpec) soap.HasFault {
	c.stamp(&req.Item)
	if _, deleted := simOf(ctx).custDeleted.LoadAndDelete(req.Item.Info.Name); deleted {
		r := c.CustomizationSpecManager.OverwriteCustomizationSpec(ctx, &types.OverwriteCustomizationSpec{This: req.This, Item: req.Item})
		return &methods.CreateCustomizationSpecBody{Res: &types.CreateCustomizationSpecResponse{}, Fault_: r.Fault()}
	}
	return c.CustomizationSpecManager.CreateCustomizationSpec(ctx, req)
}

// RenameCustomizationSpec: a new name is a new version.
func (c *xCust) RenameCustomizationSpec(ctx *simulator.Context, req *types.RenameCustomizationSpec) soap.HasFault {
	old, ok := c.GetCustomizationSpec(ctx, &types.GetCustomizationSpec{Name: req.Name}).(*methods.GetCustomizationSpecBody)
	if !ok || old.Res == nil {
		return &methods.RenameCustomizationSpecBody{Fault_: simulator.Fault("", &types.NotFound{})}
	}
	item := old.Res.Returnval
	item.Info.Name = req.NewName
	if bad := c.CreateCustomizationSpec(ctx, &types.CreateCustomizationSpec{This: req.This, Item: item}).Fault(); bad != nil {
		return &methods.RenameCustomizationSpecBody{Fault_: bad}
	}
	simOf(ctx).custDeleted.Store(req.Name, true)
	return &methods.RenameCustomizationSpecBody{Res: &types.RenameCustomizationSpecResponse{}}
}

func (c *xCust) OverwriteCustomizationSpec(ctx *simulator.Context, req *types.OverwriteCustomizationSpec) soap.HasFault {
	old, ok := c.GetCustomizationSpec(ctx, &types.GetCustomizationSpec{Name: req.Item.Info.Name}).(*methods.GetCustomizationSpecBody)
	if !ok || old.Res == nil {
		return &methods.OverwriteCustomizationSpecBody{Fault_: simulator.Fault("", &types.NotFound{})}
	}
	if v := req.Item.Info.ChangeVersion; v != "" && v != old.Res.Returnval.Info.ChangeVersion {
		return &methods.OverwriteCustomizationSpecBody{Fault_: simulator.Fault("", &types.ConcurrentAccess{})}
	}
	c.stamp(&req.Item)
	return c.CustomizationSpecManager.OverwriteCustomizationSpec(ctx, req)
}
