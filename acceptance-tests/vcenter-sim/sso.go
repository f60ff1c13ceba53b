package main

import (
	"github.com/vmware/govmomi/simulator"
	ssomethods "github.com/vmware/govmomi/ssoadmin/methods"
	ssosim "github.com/vmware/govmomi/ssoadmin/simulator"
	ssotypes "github.com/vmware/govmomi/ssoadmin/types"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// SSO: FindUsersInGroup
type xDisc struct {
	*ssosim.PrincipalDiscoveryService
	m *xMgmt
}

type xMgmt struct {
	*ssosim.PrincipalManagementService
	users map[string][]ssotypes.PrincipalId
	dir   *directory
}

// CreateLocalPersonUser updates the directory: permissions are checked against it, and the user can log in.
func (m *xMgmt) CreateLocalPersonUser(ctx *simulator.Context, req *ssotypes.CreateLocalPersonUser) soap.HasFault {
	r := m.PrincipalManagementService.CreateLocalPersonUser(ctx, req)
	if r.Fault() == nil {
		m.dir.mu.Lock()
		m.dir.addUser(principal{Name: ssoDomain + `\` + req.UserName, Password: req.Password})
		m.dir.mu.Unlock()
	}
	return r
}

func (m *xMgmt) CreateLocalGroup(ctx *simulator.Context, req *ssotypes.CreateLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.CreateLocalGroup(ctx, req)
	if r.Fault() == nil {
		m.dir.mu.Lock()
		m.dir.addGroup(principal{Name: ssoDomain + `\` + req.GroupName})
		m.dir.mu.Unlock()
	}
	return r
}

func (m *xMgmt) DeleteLocalPrincipal(ctx *simulator.Context, req *ssotypes.DeleteLocalPrincipal) soap.HasFault {
	r := m.PrincipalManagementService.DeleteLocalPrincipal(ctx, req)
	if r.Fault() == nil {
		m.dir.mu.Lock()
		delete(m.dir.users, key(ssoDomain+`\`+req.PrincipalName))
		delete(m.dir.groups, key(ssoDomain+`\`+req.PrincipalName))
		m.dir.mu.Unlock()
	}
	return r
}

func ssoNames(ids []ssotypes.PrincipalId) []string {
	var names []string
	for _, id := range ids {
		names = append(names, id.Domain+`\`+id.Name)
	}
	return names
}

func (m *xMgmt) AddUsersToLocalGroup(ctx *simulator.Context, req *ssotypes.AddUsersToLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.AddUsersToLocalGroup(ctx, req)
	if r.Fault() == nil {
		m.users[req.GroupName] = append(m.users[req.GroupName], req.UserIds...)
		m.dir.addMembers(ssoDomain+`\`+req.GroupName, ssoNames(req.UserIds)...)
	}
	return r
}

func (m *xMgmt) RemovePrincipalsFromLocalGroup(ctx *simulator.Context, req *ssotypes.RemovePrincipalsFromLocalGroup) soap.HasFault {
	r := m.PrincipalManagementService.RemovePrincipalsFromLocalGroup(ctx, req)
	if r.Fault() == nil {
		m.dir.removeMembers(ssoDomain+`\`+req.GroupName, ssoNames(req.PrincipalsIds)...)
	}
	var keep []ssotypes.PrincipalId
	for _, u := range m.users[req.GroupName] {
		removed := false
		for _, x := range req.PrincipalsIds {
			removed = removed || x == u
		}
		if !removed {
			keep = append(keep, u)
		}
	}
	m.users[req.GroupName] = keep
	keep = nil
	for _, u := range m.users["group:"+req.GroupName] {
		removed := false
		for _, x := range req.PrincipalsIds {
			removed = removed || x == u
		}
		if !removed {
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
		m.dir.addMembers(ssoDomain+`\`+req.GroupName, ssoNames(req.GroupIds)...)
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

// registerSSO puts the wrappers in the simulator's SSO administration endpoint.
func registerSSO(svc *simulator.Service, r *simulator.Registry) {
	sr := ssosim.New(r, svc.Listen)
	mgmt, ok1 := sr.Get(types.ManagedObjectReference{Type: "SsoAdminPrincipalManagementService", Value: "principalManagementService"}).(*ssosim.PrincipalManagementService)
	disc, ok2 := sr.Get(types.ManagedObjectReference{Type: "SsoAdminPrincipalDiscoveryService", Value: "principalDiscoveryService"}).(*ssosim.PrincipalDiscoveryService)
	if !ok1 || !ok2 {
		return
	}
	m := &xMgmt{mgmt, map[string][]ssotypes.PrincipalId{}, simOfRegistry(r).dir}
	sr.Put(m)
	sr.Put(&xDisc{disc, m})
	svc.RegisterSDK(sr)
}
