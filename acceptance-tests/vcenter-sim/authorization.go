package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type ref = types.ManagedObjectReference

const (
	roleAdmin     int32 = -1
	roleReadOnly  int32 = -2
	roleView      int32 = -3
	roleAnonymous int32 = -4
)

// systemPrivileges are part of every role a user defines.
var systemPrivileges = []string{"System.Anonymous", "System.Read", "System.View"}

// authz holds permissions and answers who may do what. The simulator keeps its permissions to itself, replaces where
// vCenter merges, and grants everything to everyone.
type authz struct {
	mu    sync.Mutex
	sim   *sim
	am    *simulator.AuthorizationManager
	root  ref
	known map[string]bool // privileges of this version
	perms map[ref][]types.Permission
	// The global permissions, which the root folder shows.
	globals []types.Permission

	reported int // permissions of complex entities that were reported, see asReported

	asking sync.Mutex
	asked  map[asked]bool // what was asked for, see ask
}

func newAuthz(s *sim) *authz {
	content := s.model.Service.Context.Map.Get(ref{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content
	a := &authz{
		sim:   s,
		am:    s.reg.Get(*content.AuthorizationManager).(*simulator.AuthorizationManager),
		root:  content.RootFolder,
		known: map[string]bool{},
		perms: map[ref][]types.Permission{},
		asked: map[asked]bool{},
	}
	a.am.PrivilegeList = privilegeList(a.am.RoleList, s.version)
	for _, p := range a.am.PrivilegeList {
		a.known[p.PrivId] = true
	}
	for i := range a.am.RoleList {
		r := &a.am.RoleList[i]
		if r.Name == "Admin" {
			r.Privilege = append(slices.Clone(r.Privilege), morePrivileges...)
		}
		r.Privilege = slices.DeleteFunc(slices.Clone(r.Privilege), func(id string) bool { return !a.known[id] })
		slices.Sort(r.Privilege)
	}
	// The administrators of a new vCenter: a user, a group, and the solution user of the service itself.
	for _, p := range []types.Permission{
		{Principal: adminUser}, {Principal: admins, Group: true}, {Principal: ssoDomain + `\vpxd-extension-` + randomID()},
	} {
		p.RoleId, p.Propagate = roleAdmin, true
		a.put(a.root, p)
	}
	if s.globalPermission != "" {
		a.setGlobal(types.Permission{Principal: canonical(s.globalPermission), Group: true, RoleId: roleReadOnly, Propagate: true})
	}
	return a
}

// complexOf gives the entity whose permissions this one always has: the datacenter of its four folders, the compute
// resource of its root pool, and of a stand-alone host. They cannot have permissions of their own.
func (a *authz) complexOf(e ref) (ref, bool) {
	o, ok := a.sim.reg.Get(e).(mo.Entity)
	if !ok || o.Entity().Parent == nil {
		return e, false
	}
	parent := *o.Entity().Parent
	switch {
	case e.Type == "Folder" && parent.Type == "Datacenter",
		e.Type == "ResourcePool" && (parent.Type == "ComputeResource" || parent.Type == "ClusterComputeResource"),
		e.Type == "HostSystem" && parent.Type == "ComputeResource":
		return parent, true
	}
	return e, false
}

// childOf gives a part of a complex entity.
func (a *authz) childOf(e ref) (ref, bool) {
	switch o := a.sim.reg.Get(e).(type) {
	case *simulator.Datacenter:
		return o.VmFolder, true
	case *simulator.ClusterComputeResource:
		return *o.ResourcePool, true
	case *mo.ComputeResource:
		return *o.ResourcePool, true
	}
	return e, false
}

// asReported spells the entity of permissions as vCenter may: for complex entities, "the entity reported as defining
// the permission may be either the parent or a child entity". With -report-child it is the child every second time.
func (a *authz) asReported(list []types.Permission) []types.Permission {
	out := slices.Clone(list)
	for i := range out {
		if child, ok := a.childOf(*out[i].Entity); ok && a.sim.reportChild {
			if a.reported++; a.reported%2 == 1 {
				out[i].Entity = &child
			}
		}
	}
	return out
}

// isGlobal reports whether a permission is a global one: the root folder shows it, and it cannot be removed there.
func (a *authz) isGlobal(entity ref, p types.Permission) bool {
	i := permissionIndex(a.globals, p.Principal, p.Group)
	return entity == a.root && i >= 0 && a.globals[i].RoleId == p.RoleId
}

// administers reports whether a principal is an administrator of the root folder: it is given nothing further elsewhere.
func (a *authz) administers(p types.Permission) bool {
	i := permissionIndex(a.perms[a.root], p.Principal, p.Group)
	return i >= 0 && a.perms[a.root][i].RoleId == roleAdmin && a.perms[a.root][i].Propagate
}

// put sets the permission of one principal on an entity: there is never more than one.
func (a *authz) put(entity ref, p types.Permission) {
	p.Entity = &entity
	list := slices.Clone(a.perms[entity])
	if i := permissionIndex(list, p.Principal, p.Group); i >= 0 {
		list[i] = p
	} else {
		list = append(list, p)
	}
	a.store(entity, list)
}

// store keeps the permission property of the entity in step.
func (a *authz) store(entity ref, list []types.Permission) {
	a.perms[entity] = list
	shown := a.asReported(list)
	for _, e := range a.parts(entity) {
		if e, ok := a.sim.reg.Get(e).(mo.Entity); ok {
			e.Entity().Permission = shown
		}
	}
}

// parts of a complex entity, itself first: they have the same permissions.
func (a *authz) parts(entity ref) []ref {
	all := []ref{entity}
	switch o := a.sim.reg.Get(entity).(type) {
	case *simulator.Datacenter:
		all = append(all, o.VmFolder, o.HostFolder, o.DatastoreFolder, o.NetworkFolder)
	case *simulator.ClusterComputeResource:
		all = append(all, *o.ResourcePool)
	case *mo.ComputeResource:
		all = append(append(all, *o.ResourcePool), o.Host...)
	}
	return all
}

func permissionIndex(list []types.Permission, name string, group bool) int {
	return slices.IndexFunc(list, func(p types.Permission) bool { return p.Group == group && key(p.Principal) == key(name) })
}

func (a *authz) role(id int32) *types.AuthorizationRole {
	return object.AuthorizationRoleList(a.am.RoleList).ById(id)
}

// keepsAdmin reports whether a principal would still be an administrator of the whole inventory.
func (a *authz) keepsAdmin(rootPerms []types.Permission) bool {
	return slices.ContainsFunc(rootPerms, func(p types.Permission) bool { return p.RoleId == roleAdmin && p.Propagate })
}

// parents of an entity, as far as permissions propagate: a virtual machine and a vApp inherit from their folder and
// from their resource pool.
func (a *authz) parents(e ref) []ref {
	var up []ref
	add := func(r *ref) {
		if r != nil && !slices.Contains(up, *r) {
			up = append(up, *r)
		}
	}
	switch o := a.sim.reg.Get(e).(type) {
	case *simulator.VirtualMachine:
		add(o.Parent)
		add(o.ResourcePool)
	case *simulator.VirtualApp:
		add(o.ParentFolder)
		add(o.Parent)
	case *simulator.DistributedVirtualPortgroup:
		add(o.Parent)
		add(o.Config.DistributedVirtualSwitch)
	case mo.Entity:
		add(o.Entity().Parent)
	}
	return up
}

// roles of a user on an entity: the nearest entity that has a permission for the user or one of the user's groups
// decides, and there the user's own permission comes before those of the groups, which add up.
func (a *authz) roles(user string, groups map[string]bool, e ref, inherited bool) []int32 {
	e, _ = a.complexOf(e)
	var own, viaGroup []int32
	for _, p := range a.perms[e] {
		switch {
		case inherited && !p.Propagate:
		case !p.Group && key(p.Principal) == user:
			own = append(own, p.RoleId)
		case p.Group && groups[key(p.Principal)]:
			viaGroup = append(viaGroup, p.RoleId)
		}
	}
	if own != nil {
		return own
	}
	if viaGroup != nil {
		slices.Sort(viaGroup)
		return slices.Compact(viaGroup)
	}
	var up []int32
	for _, parent := range a.parents(e) {
		up = append(up, a.roles(user, groups, parent, true)...)
	}
	slices.Sort(up)
	return slices.Compact(up)
}

// userRoles is roles for a name as a client gives it. The in-process client of the simulator has no name.
func (a *authz) userRoles(user string, e ref) []int32 {
	if user == "" || user == a.sim.internal.UserName {
		return []int32{roleAdmin}
	}
	groups := a.sim.dir.groupsOf(user)
	name, _ := a.sim.dir.resolve(user, false)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roles(key(name), groups, e, false)
}

// privileges of a user on an entity. Objects that are not entities are governed by the root folder.
func (a *authz) privileges(user string, e ref) map[string]bool {
	if _, ok := a.sim.reg.Get(e).(mo.Entity); !ok {
		e = a.root
	}
	has := map[string]bool{}
	for _, id := range a.userRoles(user, e) {
		a.mu.Lock()
		if r := a.role(id); r != nil {
			for _, p := range r.Privilege {
				has[p] = true
			}
		}
		a.mu.Unlock()
	}
	return has
}

// caller is the user of the session a call is made in.
func caller(ctx *simulator.Context) string {
	if ctx.Session == nil {
		return ""
	}
	return ctx.Session.UserName
}

// refreshEffectiveRoles fills in effectiveRole, which depends on who asks.
func (a *authz) refreshEffectiveRoles(user string) {
	for _, e := range a.sim.reg.All("") {
		e.Entity().EffectiveRole = a.userRoles(user, e.Reference())
	}
}

func (a *authz) forget(entity ref) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.perms, entity)
}

// xAuthz is AuthorizationManager as vCenter has it.
type xAuthz struct {
	*simulator.AuthorizationManager
	a *authz
}

// newRoleID draws an id as vCenter does: any 32-bit number that is not small.
func (m *xAuthz) newRoleID() int32 {
	for {
		id := int32(rand.Uint32())
		if (id > 1000 || id < -1000) && m.a.role(id) == nil {
			return id
		}
	}
}

// rolePrivileges checks and completes the privileges of a role. The fault does not say which one is unknown: adding a
// role, it is an invalid argument, and changing one, something that was not found.
func (m *xAuthz) rolePrivileges(ids []string, unknown types.BaseMethodFault) ([]string, types.BaseMethodFault) {
	for _, id := range ids {
		if !m.a.known[id] {
			return nil, unknown
		}
	}
	all := append(slices.Clone(ids), systemPrivileges...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

func (m *xAuthz) AddAuthorizationRole(req *types.AddAuthorizationRole) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.AddAuthorizationRoleBody{}
	if strings.TrimSpace(req.Name) == "" {
		body.Fault_ = fault(&types.InvalidName{Name: req.Name})
		return body
	}
	if object.AuthorizationRoleList(m.RoleList).ByName(req.Name) != nil {
		body.Fault_ = fault(&types.AlreadyExists{Name: req.Name})
		return body
	}
	privileges, bad := m.rolePrivileges(req.PrivIds, &types.InvalidArgument{InvalidProperty: "privIds"})
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	role := types.AuthorizationRole{
		RoleId: m.newRoleID(), Name: req.Name, Privilege: privileges,
		Info: &types.Description{Label: req.Name, Summary: req.Name},
	}
	m.RoleList = append(slices.Clone(m.RoleList), role)
	body.Res = &types.AddAuthorizationRoleResponse{Returnval: role.RoleId}
	return body
}

func (m *xAuthz) UpdateAuthorizationRole(req *types.UpdateAuthorizationRole) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.UpdateAuthorizationRoleBody{}
	role := m.a.role(req.RoleId)
	privileges, bad := m.rolePrivileges(req.PrivIds, &types.NotFound{})
	other := object.AuthorizationRoleList(m.RoleList).ByName(req.NewName)
	switch {
	case role == nil:
		bad = &types.NotFound{}
	case role.System:
		bad = &types.InvalidArgument{InvalidProperty: "roleId"}
	case strings.TrimSpace(req.NewName) == "":
		bad = &types.InvalidName{Name: req.NewName}
	case other != nil && other.RoleId != req.RoleId:
		bad = &types.AlreadyExists{Name: req.NewName}
	}
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	list := slices.Clone(m.RoleList)
	for i := range list {
		if list[i].RoleId == req.RoleId {
			list[i].Name, list[i].Privilege = req.NewName, privileges
			list[i].Info = &types.Description{Label: req.NewName, Summary: req.NewName}
		}
	}
	m.RoleList = list
	body.Res = &types.UpdateAuthorizationRoleResponse{}
	return body
}

// RemoveAuthorizationRole takes the permissions of the role with it unless the caller asked to fail then.
func (m *xAuthz) RemoveAuthorizationRole(req *types.RemoveAuthorizationRole) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.RemoveAuthorizationRoleBody{}
	role := m.a.role(req.RoleId)
	var bad types.BaseMethodFault
	switch {
	case role == nil:
		bad = &types.NotFound{}
	case role.System:
		bad = &types.InvalidArgument{InvalidProperty: "roleId"}
	case req.FailIfUsed && len(m.a.withRole(req.RoleId)) > 0:
		bad = &types.RemoveFailed{}
	}
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	for entity, list := range m.a.perms {
		m.a.store(entity, slices.DeleteFunc(slices.Clone(list), func(p types.Permission) bool { return p.RoleId == req.RoleId }))
	}
	m.RoleList = slices.DeleteFunc(slices.Clone(m.RoleList), func(r types.AuthorizationRole) bool { return r.RoleId == req.RoleId })
	body.Res = &types.RemoveAuthorizationRoleResponse{}
	return body
}

func (a *authz) withRole(id int32) []types.Permission {
	var list []types.Permission
	for _, p := range a.all() {
		if p.RoleId == id {
			list = append(list, p)
		}
	}
	return list
}

// all permissions, in a stable order.
func (a *authz) all() []types.Permission {
	entities := make([]ref, 0, len(a.perms))
	for e := range a.perms {
		entities = append(entities, e)
	}
	slices.SortFunc(entities, func(x, y ref) int { return strings.Compare(x.String(), y.String()) })
	var list []types.Permission
	for _, e := range entities {
		list = append(list, a.perms[e]...)
	}
	return list
}

// checkPermissions resolves the principals of a request and refuses what vCenter refuses.
func (a *authz) checkPermissions(entity ref, list []types.Permission) ([]types.Permission, types.BaseMethodFault) {
	if _, ok := a.sim.reg.Get(entity).(mo.Entity); !ok {
		return nil, &types.ManagedObjectNotFound{Obj: entity}
	}
	if _, part := a.complexOf(entity); part {
		return nil, &types.InvalidArgument{InvalidProperty: "entity"}
	}
	out := slices.Clone(list)
	for i := range out {
		p := &out[i]
		name, ok := a.sim.dir.resolve(p.Principal, p.Group)
		if !ok {
			return nil, &types.UserNotFound{Principal: p.Principal}
		}
		p.Principal, p.Entity = name, &entity
		if a.role(p.RoleId) == nil {
			return nil, &types.NotFound{}
		}
		if p.RoleId == roleView || p.RoleId == roleAnonymous {
			return nil, &types.InvalidArgument{InvalidProperty: "permission.roleId"}
		}
		if entity != a.root && a.administers(*p) {
			return nil, &types.AuthMinimumAdminPermission{}
		}
	}
	return out, nil
}

// SetEntityPermissions adds to or changes the permissions of the principals it names and leaves the others alone.
func (m *xAuthz) SetEntityPermissions(req *types.SetEntityPermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.SetEntityPermissionsBody{}
	list, bad := m.a.checkPermissions(req.Entity, req.Permission)
	merged := slices.Clone(m.a.perms[req.Entity])
	for _, p := range list {
		if i := permissionIndex(merged, p.Principal, p.Group); i >= 0 {
			merged[i] = p
		} else {
			merged = append(merged, p)
		}
	}
	if bad == nil && req.Entity == m.a.root && !m.a.keepsAdmin(merged) {
		bad = &types.AuthMinimumAdminPermission{}
	}
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	m.a.store(req.Entity, merged)
	body.Res = &types.SetEntityPermissionsResponse{}
	return body
}

// ResetEntityPermissions replaces all permissions of an entity.
func (m *xAuthz) ResetEntityPermissions(req *types.ResetEntityPermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.ResetEntityPermissionsBody{}
	list, bad := m.a.checkPermissions(req.Entity, req.Permission)
	var unique []types.Permission
	for _, p := range m.a.perms[req.Entity] {
		if m.a.isGlobal(req.Entity, p) {
			unique = append(unique, p)
		}
	}
	for _, p := range list { // of two for one principal the last counts
		if i := permissionIndex(unique, p.Principal, p.Group); i >= 0 {
			unique[i] = p
		} else {
			unique = append(unique, p)
		}
	}
	if bad == nil && req.Entity == m.a.root && !m.a.keepsAdmin(unique) {
		bad = &types.AuthMinimumAdminPermission{}
	}
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	m.a.store(req.Entity, unique)
	body.Res = &types.ResetEntityPermissionsResponse{}
	return body
}

func (m *xAuthz) RemoveEntityPermission(req *types.RemoveEntityPermission) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.RemoveEntityPermissionBody{}
	if _, part := m.a.complexOf(req.Entity); part {
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "entity"})
		return body
	}
	name, _ := m.a.sim.dir.resolve(req.User, req.IsGroup)
	list := slices.Clone(m.a.perms[req.Entity])
	i := permissionIndex(list, name, req.IsGroup)
	if i < 0 {
		body.Fault_ = fault(&types.NotFound{})
		return body
	}
	if m.a.isGlobal(req.Entity, list[i]) { // it says yes, and does nothing
		body.Res = &types.RemoveEntityPermissionResponse{}
		return body
	}
	list = slices.Delete(list, i, i+1)
	if req.Entity == m.a.root && !m.a.keepsAdmin(list) {
		body.Fault_ = fault(&types.AuthMinimumAdminPermission{})
		return body
	}
	m.a.store(req.Entity, list)
	body.Res = &types.RemoveEntityPermissionResponse{}
	return body
}

// MergePermissions gives all permissions of one role another one.
func (m *xAuthz) MergePermissions(req *types.MergePermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.MergePermissionsBody{}
	change := func(list []types.Permission) []types.Permission {
		list = slices.Clone(list)
		for i := range list {
			if list[i].RoleId == req.SrcRoleId {
				list[i].RoleId = req.DstRoleId
			}
		}
		return list
	}
	switch {
	case m.a.role(req.SrcRoleId) == nil || m.a.role(req.DstRoleId) == nil:
		body.Fault_ = fault(&types.NotFound{})
	case req.DstRoleId == roleView || req.DstRoleId == roleAnonymous:
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "dstRoleId"})
	case !m.a.keepsAdmin(change(m.a.perms[m.a.root])):
		body.Fault_ = fault(&types.AuthMinimumAdminPermission{})
	default:
		for entity, list := range m.a.perms {
			m.a.store(entity, change(list))
		}
		body.Res = &types.MergePermissionsResponse{}
	}
	return body
}

// RetrieveEntityPermissions with inherited adds the permissions that propagate from above, the nearest per principal;
// the entity of each says where it is defined.
func (m *xAuthz) RetrieveEntityPermissions(req *types.RetrieveEntityPermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.RetrieveEntityPermissionsBody{}
	if _, ok := m.a.sim.reg.Get(req.Entity).(mo.Entity); !ok {
		body.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Entity})
		return body
	}
	entity, _ := m.a.complexOf(req.Entity)
	list := slices.Clone(m.a.perms[entity])
	for level := m.a.parents(entity); req.Inherited && len(level) > 0; {
		var next []ref
		for _, e := range level {
			for _, p := range m.a.perms[e] {
				if p.Propagate && permissionIndex(list, p.Principal, p.Group) < 0 {
					list = append(list, p)
				}
			}
			next = append(next, m.a.parents(e)...)
		}
		level = next
	}
	body.Res = &types.RetrieveEntityPermissionsResponse{Returnval: m.a.asReported(list)}
	return body
}

func (m *xAuthz) RetrieveRolePermissions(req *types.RetrieveRolePermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	body := &methods.RetrieveRolePermissionsBody{}
	if m.a.role(req.RoleId) == nil {
		body.Fault_ = fault(&types.NotFound{})
		return body
	}
	body.Res = &types.RetrieveRolePermissionsResponse{Returnval: m.a.withRole(req.RoleId)}
	return body
}

func (m *xAuthz) RetrieveAllPermissions(req *types.RetrieveAllPermissions) soap.HasFault {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	return &methods.RetrieveAllPermissionsBody{Res: &types.RetrieveAllPermissionsResponse{Returnval: m.a.all()}}
}

// availability answers for each privilege; one that does not exist is an invalid argument.
func (a *authz) availability(user string, entities []ref, ids []string) ([]types.EntityPrivilege, types.BaseMethodFault) {
	var out []types.EntityPrivilege
	for _, e := range entities {
		if a.sim.reg.Get(e) == nil {
			return nil, &types.ManagedObjectNotFound{Obj: e}
		}
		has := a.privileges(user, e)
		p := types.EntityPrivilege{Entity: e}
		for _, id := range ids {
			if !a.known[id] {
				return nil, &types.InvalidArgument{InvalidProperty: "privId"}
			}
			p.PrivAvailability = append(p.PrivAvailability, types.PrivilegeAvailability{PrivId: id, IsGranted: has[id]})
		}
		out = append(out, p)
	}
	return out, nil
}

// userOfSession finds the user of a session id, the caller's own included.
func userOfSession(ctx *simulator.Context, id string) (string, bool) {
	if ctx.Session != nil && (id == ctx.Session.Key || id == "") {
		return ctx.Session.UserName, true
	}
	for _, s := range simOf(ctx).sessions() {
		if s.Key == id {
			return s.UserName, true
		}
	}
	return "", false
}

func (m *xAuthz) HasPrivilegeOnEntities(ctx *simulator.Context, req *types.HasPrivilegeOnEntities) soap.HasFault {
	body := &methods.HasPrivilegeOnEntitiesBody{}
	user, ok := userOfSession(ctx, req.SessionId)
	if !ok {
		body.Fault_ = fault(&types.NotAuthenticated{NoPermission: types.NoPermission{Object: &req.This, PrivilegeId: "System.View"}})
		return body
	}
	list, bad := m.a.availability(user, req.Entity, req.PrivId)
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	body.Res = &types.HasPrivilegeOnEntitiesResponse{Returnval: list}
	return body
}

func (m *xAuthz) HasPrivilegeOnEntity(ctx *simulator.Context, req *types.HasPrivilegeOnEntity) soap.HasFault {
	body := &methods.HasPrivilegeOnEntityBody{}
	user, ok := userOfSession(ctx, req.SessionId)
	if !ok {
		body.Fault_ = fault(&types.NotAuthenticated{NoPermission: types.NoPermission{Object: &req.This, PrivilegeId: "System.View"}})
		return body
	}
	list, bad := m.a.availability(user, []ref{req.Entity}, req.PrivId)
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	body.Res = &types.HasPrivilegeOnEntityResponse{}
	for _, p := range list[0].PrivAvailability {
		body.Res.Returnval = append(body.Res.Returnval, p.IsGranted)
	}
	return body
}

func (m *xAuthz) HasUserPrivilegeOnEntities(ctx *simulator.Context, req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	body := &methods.HasUserPrivilegeOnEntitiesBody{}
	list, bad := m.a.availability(req.UserName, req.Entities, req.PrivId)
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	body.Res = &types.HasUserPrivilegeOnEntitiesResponse{Returnval: list}
	return body
}

func (m *xAuthz) FetchUserPrivilegeOnEntities(ctx *simulator.Context, req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	res := &types.FetchUserPrivilegeOnEntitiesResponse{}
	for _, e := range req.Entities {
		res.Returnval = append(res.Returnval, types.UserPrivilegeResult{Entity: e, Privileges: sortedKeys(m.a.privileges(req.UserName, e))})
	}
	return &methods.FetchUserPrivilegeOnEntitiesBody{Res: res}
}
