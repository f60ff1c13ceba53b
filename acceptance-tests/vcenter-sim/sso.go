package main

import (
	"github.com/vmware/govmomi/simulator"
	ssomethods "github.com/vmware/govmomi/ssoadmin/methods"
	ssosim "github.com/vmware/govmomi/ssoadmin/simulator"
	ssotypes "github.com/vmware/govmomi/ssoadmin/types"
	"github.com/vmware/govmomi/vim25/soap"
)

// SSO: FindUsersInGroup
type xDisc struct {
	*ssosim.PrincipalDiscoveryService
	m *xMgmt
}

type xMgmt struct {
	*ssosim.PrincipalManagementService
	users map[string][]ssotypes.PrincipalId
}

func (m *xMgmt) AddUsersToLocalGroup(ctx *simulator.Context, req *ssotypes.AddUsersToLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.AddUsersToLocalGroup(ctx, req)
	if r.Fault() == nil {
		m.users[req.GroupName] = append(m.users[req.GroupName], req.UserIds...)
	}
	return r
}

func (m *xMgmt) RemovePrincipalsFromLocalGroup(ctx *simulator.Context, req *ssotypes.RemovePrincipalsFromLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.RemovePrincipalsFromLocalGroup(ctx, req)
	var keep []ssotypes.PrincipalId
	for _, u := range m.users[req.GroupName] {
		gone := false
		for _, x := range req.PrincipalsIds {
			gone = gone || x == u
		}
		if !gone {
			keep = append(keep, u)
		}
	}
	m.users[req.GroupName] = keep
	keep = nil
	for _, u := range m.users["group:"+req.GroupName] {
		gone := false
		for _, x := range req.PrincipalsIds {
			gone = gone || x == u
		}
		if !gone {
			keep = append(keep, u)
		}
	}
	m.users["group:"+req.GroupName] = keep
	return r
}

func (m *xMgmt) AddGroupsToLocalGroup(ctx *simulator.Context, req *ssotypes.AddGroupsToLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.AddGroupsToLocalGroup(ctx, req)
	if r.Fault() == nil {
		m.users["group:"+req.GroupName] = append(m.users["group:"+req.GroupName], req.GroupIds...)
	}
	return r
}

func (d *xDisc) FindGroupsInGroup(ctx *simulator.Context, req *ssotypes.FindGroupsInGroup) soap.HasFault {
	res := &ssotypes.FindGroupsInGroupResponse{}
	for _, id := range d.m.users["group:"+req.GroupId.Name] {
		if b, ok := d.PrincipalDiscoveryService.FindGroup(ctx, &ssotypes.FindGroup{GroupId: id}).(*ssomethods.FindGroupBody); ok && b.Res != nil && b.Res.Returnval != nil {
			res.Returnval = append(res.Returnval, *b.Res.Returnval)
		}
	}
	return &ssomethods.FindGroupsInGroupBody{Res: res}
}

func (d *xDisc) FindUsersInGroup(ctx *simulator.Context, req *ssotypes.FindUsersInGroup) soap.HasFault {
	res := &ssotypes.FindUsersInGroupResponse{}
	for _, id := range d.m.users[req.GroupId.Name] {
		if b, ok := d.PrincipalDiscoveryService.FindUser(ctx, &ssotypes.FindUser{UserId: id}).(*ssomethods.FindUserBody); ok && b.Res != nil && b.Res.Returnval != nil {
			res.Returnval = append(res.Returnval, *b.Res.Returnval)
		}
	}
	return &ssomethods.FindUsersInGroupBody{Res: res}
}
