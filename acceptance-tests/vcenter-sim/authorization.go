package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// AuthorizationManager: AddAuthorizationRole returns no role id
type xAuthz struct {
	*simulator.AuthorizationManager
}

func (a *xAuthz) AddAuthorizationRole(req *types.AddAuthorizationRole) soap.HasFault {
	for {
		r := a.AuthorizationManager.AddAuthorizationRole(req).(*methods.AddAuthorizationRoleBody)
		if r.Res == nil {
			return r
		}
		for _, role := range a.RoleList {
			if role.Name == req.Name {
				r.Res.Returnval = role.RoleId
			}
		}
		if r.Res.Returnval != 0 { // vcsim's first role gets id 0
			return r
		}
		a.AuthorizationManager.RemoveAuthorizationRole(&types.RemoveAuthorizationRole{This: req.This, RoleId: 0})
	}
}
