package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestRoles(t *testing.T) {
	w := newWorld(t)
	m := w.authz()
	id, err := m.AddRole(w.ctx, "one", []string{"VirtualMachine.Config.Unlock", "Datastore.AllocateSpace"})
	w.ok(err)
	other, err := m.AddRole(w.ctx, "two", nil)
	w.ok(err)
	if id == 0 || id == other {
		t.Fatalf("ids %d and %d", id, other)
	}
	roles, err := m.RoleList(w.ctx)
	w.ok(err)
	equal(w, roles.ById(id).Privilege, []string{"Datastore.AllocateSpace", "System.Anonymous", "System.Read", "System.View", "VirtualMachine.Config.Unlock"})

	_, err = m.AddRole(w.ctx, "one", nil)
	equal(w, fails[types.AlreadyExists](w, err).Name, "one")
	_, err = m.AddRole(w.ctx, "three", []string{"Datastore.AllocateSpase"})
	equal(w, fails[types.InvalidArgument](w, err).InvalidProperty, "privIds")
	fails[types.AlreadyExists](w, m.UpdateRole(w.ctx, id, "two", nil))
	fails[types.NotFound](w, m.UpdateRole(w.ctx, 4711, "x", nil))
	fails[types.NotFound](w, m.UpdateRole(w.ctx, id, "one", []string{"Datastore.AllocateSpase"}))
	fails[types.InvalidArgument](w, m.UpdateRole(w.ctx, -1, "Admin", nil))
	fails[types.InvalidArgument](w, m.RemoveRole(w.ctx, -2, true))
	w.ok(m.UpdateRole(w.ctx, id, "uno", []string{"System.Read", "Folder.Create"}))
	roles, err = m.RoleList(w.ctx)
	w.ok(err)
	equal(w, roles.ByName("uno").Privilege, []string{"Folder.Create", "System.Anonymous", "System.Read", "System.View"})

	vm := w.team()
	w.ok(m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "bob@vsphere.local", RoleId: id, Propagate: true}}))
	fails[types.RemoveFailed](w, m.RemoveRole(w.ctx, id, true))
	w.ok(m.RemoveRole(w.ctx, id, false))
	list, err := m.RetrieveEntityPermissions(w.ctx, vm, false)
	w.ok(err)
	equal(w, len(list), 0)
	fails[types.NotFound](w, m.RemoveRole(w.ctx, id, false))
}

func TestPrivilegeList(t *testing.T) {
	for _, c := range []struct {
		version, privilege string
		exists             bool
	}{
		{"8.0.2", "VirtualMachine.Config.Unlock", true},
		{"8.0.2", "Zone.Manage", true},
		{"7.0.3", "Zone.Manage", false},
		{"7.0.3", "InventoryService.Tagging.ObjectAttachable", true},
		{"6.7.0", "InventoryService.Tagging.ObjectAttachable", false},
		{"6.7.0", "InventoryService.Tagging.AttachTag", true},
	} {
		t.Run(c.version+" "+c.privilege, func(t *testing.T) {
			w := newWorld(t, func(cfg *config) { cfg.version = c.version })
			var m mo.AuthorizationManager
			w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, w.authz().Reference(), []string{"privilegeList"}, &m))
			i := slices.IndexFunc(m.PrivilegeList, func(p types.AuthorizationPrivilege) bool { return p.PrivId == c.privilege })
			equal(w, i >= 0, c.exists)
			_, err := w.authz().AddRole(w.ctx, "r", []string{c.privilege})
			equal(w, err == nil, c.exists)
			if i >= 0 {
				p := m.PrivilegeList[i]
				equal(w, p.PrivGroupName+"."+p.Name, c.privilege)
			}
		})
	}
}

// principals gives "entity principal role" of each permission, group permissions marked.
func principals(w *world, list object.AuthorizationRoleList, perms []types.Permission) []string {
	out := []string{}
	for _, p := range perms {
		s := p.Entity.Value + " " + p.Principal
		if p.Group {
			s += " (group)"
		}
		out = append(out, s+" "+list.ById(p.RoleId).Name)
	}
	slices.Sort(out)
	return out
}

func TestPermissionsMergePerPrincipal(t *testing.T) {
	w := newWorld(t)
	m := w.authz()
	roles, err := m.RoleList(w.ctx)
	w.ok(err)
	id := func(name string) int32 { return roles.ByName(name).RoleId }
	vm := w.team()
	get := func() []string {
		t.Helper()
		list, err := m.RetrieveEntityPermissions(w.ctx, vm, false)
		w.ok(err)
		return principals(w, roles, list)
	}
	v := vm.Value
	w.ok(m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: `VSPHERE.LOCAL\ann`, RoleId: id("ReadOnly"), Propagate: true}}))
	w.ok(m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "bob@vsphere.local", RoleId: id("NoAccess")}, {Principal: "ann", Group: true, RoleId: id("ReadOnly")}}))
	equal(w, get(), []string{v + ` VSPHERE.LOCAL\ann ReadOnly`, v + ` VSPHERE.LOCAL\bob NoAccess`, v + ` ann (group) ReadOnly`})
	w.ok(m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "ANN@VSphere.local", RoleId: id("Admin")}})) // either spelling, any case
	equal(w, get(), []string{v + ` VSPHERE.LOCAL\ANN Admin`, v + ` VSPHERE.LOCAL\bob NoAccess`, v + ` ann (group) ReadOnly`})

	var f mo.Folder
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, vm, []string{"permission", "effectiveRole"}, &f))
	equal(w, len(f.Permission), 3)
	equal(w, f.EffectiveRole, []int32{-1})

	fails[types.NotFound](w, m.RemoveEntityPermission(w.ctx, vm, "ann", false))
	w.ok(m.RemoveEntityPermission(w.ctx, vm, "ann", true))
	w.ok(m.RemoveEntityPermission(w.ctx, vm, `vsphere.local\Bob`, false))
	equal(w, get(), []string{v + ` VSPHERE.LOCAL\ANN Admin`})
	_, err = methods.ResetEntityPermissions(w.ctx, w.client, &types.ResetEntityPermissions{This: m.Reference(), Entity: vm, Permission: []types.Permission{{Principal: "root", RoleId: id("ReadOnly"), Propagate: true}}})
	w.ok(err)
	equal(w, get(), []string{v + ` root ReadOnly`})
	_, err = methods.MergePermissions(w.ctx, w.client, &types.MergePermissions{This: m.Reference(), SrcRoleId: id("ReadOnly"), DstRoleId: id("NoAccess")})
	w.ok(err)
	equal(w, get(), []string{v + ` root NoAccess`})

	fails[types.NotFound](w, m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "root", RoleId: 4711}}))
	fails[types.InvalidArgument](w, m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "root", RoleId: id("View")}}))
	all, err := m.RetrieveAllPermissions(w.ctx)
	w.ok(err)
	equal(w, len(all), 4) // three administrators of the root folder
	byRole, err := m.RetrieveRolePermissions(w.ctx, id("NoAccess"))
	w.ok(err)
	equal(w, principals(w, roles, byRole), []string{v + ` root NoAccess`})
}

func TestLastAdministrator(t *testing.T) {
	w := newWorld(t)
	m := w.authz()
	root := w.root().Reference()
	list, err := m.RetrieveEntityPermissions(w.ctx, root, false)
	w.ok(err)
	for i, p := range list {
		err := m.RemoveEntityPermission(w.ctx, root, p.Principal, p.Group)
		if i < len(list)-1 {
			w.ok(err)
			continue
		}
		fails[types.AuthMinimumAdminPermission](w, err)
		fails[types.AuthMinimumAdminPermission](w, m.SetEntityPermissions(w.ctx, root, []types.Permission{{Principal: p.Principal, Group: p.Group, RoleId: -2, Propagate: true}}))
	}
}

func TestInheritedPermissions(t *testing.T) {
	w := newWorld(t)
	m := w.authz()
	roles, err := m.RoleList(w.ctx)
	w.ok(err)
	a, err := w.folder("vm").CreateFolder(w.ctx, "a")
	w.ok(err)
	b, err := a.CreateFolder(w.ctx, "b")
	w.ok(err)
	set := func(e types.ManagedObjectReference, who string, role int32, propagate bool) {
		w.ok(m.SetEntityPermissions(w.ctx, e, []types.Permission{{Principal: who, RoleId: role, Propagate: propagate}}))
	}
	set(w.dc(), "ann", -2, true)
	set(w.dc(), "bob", -2, true)
	set(a.Reference(), "ann", -5, true)   // nearer
	set(a.Reference(), "carl", -2, false) // stays where it is
	set(b.Reference(), "dora", -2, false)
	list, err := m.RetrieveEntityPermissions(w.ctx, b.Reference(), true)
	w.ok(err)
	list = slices.DeleteFunc(list, func(p types.Permission) bool { return *p.Entity == w.root().Reference() })
	vm := w.dc().Value
	want := []string{a.Reference().Value + " ann NoAccess", b.Reference().Value + " dora ReadOnly", vm + " bob ReadOnly"}
	slices.Sort(want)
	equal(w, principals(w, roles, list), want)
}

func TestUnknownPrincipal(t *testing.T) {
	w := newWorld(t, directoryFile(t))
	m := w.authz()
	vm := w.team()
	err := m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "unknown@vsphere.local", RoleId: -2}})
	equal(w, fails[types.UserNotFound](w, err).Principal, "unknown@vsphere.local")
	fails[types.UserNotFound](w, m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: "ann@vsphere.local", Group: true, RoleId: -2}}))
	for _, name := range []string{"root", "BOB@vsphere.local", `corp\Carl`} {
		w.ok(m.SetEntityPermissions(w.ctx, vm, []types.Permission{{Principal: name, RoleId: -2}}))
	}
	list, err := m.RetrieveEntityPermissions(w.ctx, vm, false)
	w.ok(err)
	var names []string
	for _, p := range list {
		names = append(names, p.Principal)
	}
	equal(w, names, []string{"root", `VSPHERE.LOCAL\Bob`, `CORP\carl`}) // as the directory spells them
}

func TestPrivilegesOfUsers(t *testing.T) {
	w := newWorld(t, directoryFile(t))
	m := w.authz()
	reader, err := m.AddRole(w.ctx, "folders", []string{"Folder.Create"})
	w.ok(err)
	deleter, err := m.AddRole(w.ctx, "deleter", []string{"Folder.Delete"})
	w.ok(err)
	vm := w.folder("vm").Reference()
	a, err := w.folder("vm").CreateFolder(w.ctx, "a")
	w.ok(err)
	w.ok(m.SetEntityPermissions(w.ctx, w.dc(), []types.Permission{
		{Principal: `CORP\outer`, Group: true, RoleId: reader, Propagate: true},
		{Principal: `VSPHERE.LOCAL\inner`, Group: true, RoleId: deleter, Propagate: true},
	}))
	w.ok(m.SetEntityPermissions(w.ctx, a.Reference(), []types.Permission{{Principal: "bob@vsphere.local", RoleId: -2}}))
	for _, c := range []struct {
		user           string
		on             types.ManagedObjectReference
		create, delete bool
	}{
		{"ann@vsphere.local", vm, true, true}, // both groups, one through the other
		{`CORP\carl`, vm, true, false},
		{"ann@vsphere.local", a.Reference(), true, true},
		{"bob@vsphere.local", vm, true, true},
		{"bob@vsphere.local", a.Reference(), false, false}, // his own comes before the inherited ones
		{"ann@vsphere.local", w.root().Reference(), false, false},
		{"user", a.Reference(), true, true},
	} {
		res, err := methods.HasUserPrivilegeOnEntities(w.ctx, w.client, &types.HasUserPrivilegeOnEntities{
			This: m.Reference(), Entities: []types.ManagedObjectReference{c.on}, UserName: c.user, PrivId: []string{"Folder.Create", "Folder.Delete"},
		})
		w.ok(err)
		got := res.Returnval[0].PrivAvailability
		if got[0].IsGranted != c.create || got[1].IsGranted != c.delete {
			t.Errorf("%s on %s: create %v, delete %v", c.user, c.on, got[0].IsGranted, got[1].IsGranted)
		}
		f, err := m.FetchUserPrivilegeOnEntities(w.ctx, []types.ManagedObjectReference{c.on}, c.user)
		w.ok(err)
		equal(w, slices.Contains(f[0].Privileges, "Folder.Create"), c.create)
	}
	granted, err := m.HasPrivilegeOnEntity(w.ctx, vm, "", []string{"Folder.Create"})
	w.ok(err)
	equal(w, granted, []bool{true})
}

func TestKKPRoles(t *testing.T) {
	b, err := os.ReadFile("testdata/privileges.json")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := json.Unmarshal(b, &ids); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	_, err = w.authz().AddRole(w.ctx, "all of them", ids)
	w.ok(err)
}

func TestEnforce(t *testing.T) {
	w := newWorld(t, directoryFile(t), func(c *config) { c.enforce = true })
	m := w.authz()
	role, err := m.AddRole(w.ctx, "folders", []string{"Folder.Create"})
	w.ok(err)
	a, err := w.folder("vm").CreateFolder(w.ctx, "a")
	w.ok(err)
	w.ok(m.SetEntityPermissions(w.ctx, a.Reference(), []types.Permission{{Principal: "ann@vsphere.local", RoleId: role, Propagate: true}}))

	ann := w.login("ann@vsphere.local", "a").Client
	mine, err := object.NewFolder(ann, a.Reference()).CreateFolder(w.ctx, "mine")
	w.ok(err)
	_, err = object.NewFolder(ann, w.folder("vm").Reference()).CreateFolder(w.ctx, "other")
	no := fails[types.NoPermission](w, err)
	equal(w, []string{no.Object.Value, no.PrivilegeId}, []string{w.folder("vm").Reference().Value, "Folder.Create"})
	equal(w, no.MissingPrivileges[0].PrivilegeIds, []string{"Folder.Create"})
	_, err = mine.Destroy(w.ctx)
	fails[types.NoPermission](w, err)
	am := object.NewAuthorizationManager(ann)
	_, err = am.AddRole(w.ctx, "x", nil)
	equal(w, fails[types.NoPermission](w, err).PrivilegeId, "Authorization.ModifyRoles")
	fails[types.NoPermission](w, am.SetEntityPermissions(w.ctx, a.Reference(), []types.Permission{{Principal: "root", RoleId: role}}))
	f, err := object.GetCustomFieldsManager(ann)
	w.ok(err)
	_, err = f.Add(w.ctx, "x", "", nil, nil)
	equal(w, fails[types.NoPermission](w, err).PrivilegeId, "Global.ManageCustomFields")

	var list []asked
	w.http("GET", "/sim/privileges", "", "", &list)
	equal(w, slices.ContainsFunc(list, func(a asked) bool { return a.Privilege == "Folder.Create" && a.Type == "Folder" }), true)
	equal(w, slices.ContainsFunc(list, func(a asked) bool { return a.Privilege == "Authorization.ModifyRoles" && a.Type == "root" }), true)

	var token string
	status, _ := w.http("POST", "/api/session", "ann@vsphere.local:a", "", &token)
	equal(w, status, 201)
	var body map[string]any
	status, _ = w.http("POST", "/api/cis/tagging/category", token, `{"name":"c","description":"","cardinality":"SINGLE","associable_types":[]}`, &body)
	equal(w, status, 403)
	equal(w, body["error_type"], "UNAUTHORIZED")
}

// team is a folder that can have permissions.
func (w *world) team() types.ManagedObjectReference {
	f, err := w.folder("vm").CreateFolder(w.ctx, "team")
	w.ok(err)
	return f.Reference()
}

func (w *world) dc() types.ManagedObjectReference {
	var f mo.Folder
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, w.folder("vm").Reference(), []string{"parent"}, &f))
	return *f.Parent
}

func TestComplexEntities(t *testing.T) {
	w := newWorld(t, func(cfg *config) { cfg.reportChild = true })
	m := w.authz()
	one := []types.Permission{{Principal: "ann@vsphere.local", RoleId: -2}}
	standalone := w.find("HostSystem", "DC0_H0")
	for _, e := range []types.ManagedObjectReference{
		w.folder("vm").Reference(), w.folder("host").Reference(), w.folder("datastore").Reference(), w.folder("network").Reference(),
		w.pool().Reference(), standalone,
	} {
		equal(w, fails[types.InvalidArgument](w, m.SetEntityPermissions(w.ctx, e, one)).InvalidProperty, "entity")
		fails[types.InvalidArgument](w, m.RemoveEntityPermission(w.ctx, e, "ann@vsphere.local", false))
		_, err := methods.ResetEntityPermissions(w.ctx, w.client, &types.ResetEntityPermissions{This: m.Reference(), Entity: e, Permission: one})
		fails[types.InvalidArgument](w, err)
	}
	dc, vm := w.dc(), w.folder("vm").Reference()
	w.ok(m.SetEntityPermissions(w.ctx, dc, one))
	w.ok(m.SetEntityPermissions(w.ctx, w.find("HostSystem", "DC0_C0_H0"), one))
	seen := map[string]bool{}
	for range 4 {
		list, err := m.RetrieveEntityPermissions(w.ctx, vm, false)
		w.ok(err)
		equal(w, len(list), 1) // that of the datacenter, whether it propagates or not
		seen[list[0].Entity.Value] = true
	}
	equal(w, []bool{seen[dc.Value], seen[vm.Value]}, []bool{true, true})
	w.ok(m.RemoveEntityPermission(w.ctx, dc, "ann@vsphere.local", false))
}

func (w *world) find(kind, name string) types.ManagedObjectReference {
	for _, e := range w.sim.reg.All(kind) {
		if e.Entity().Name == name {
			return e.Reference()
		}
	}
	w.Fatalf("no %s %s", kind, name)
	return types.ManagedObjectReference{}
}

func TestAdministratorsAndGlobalPermissions(t *testing.T) {
	w := newWorld(t, func(cfg *config) { cfg.globalPermission = `VSPHERE.LOCAL\auditors` })
	m := w.authz()
	further := []types.Permission{{Principal: admins, Group: true, RoleId: -2}}
	fails[types.AuthMinimumAdminPermission](w, m.SetEntityPermissions(w.ctx, w.team(), further))
	root := w.root().Reference()
	before, err := m.RetrieveEntityPermissions(w.ctx, root, false)
	w.ok(err)
	w.ok(m.RemoveEntityPermission(w.ctx, root, "auditors@vsphere.local", true))
	after, err := m.RetrieveEntityPermissions(w.ctx, root, false)
	w.ok(err)
	equal(w, len(after), len(before))
}

func TestDirectoryNames(t *testing.T) {
	file := t.TempDir() + "/d.json"
	os.WriteFile(file, []byte(`{"users": [{"name": "CORP\\ann"}, {"name": "VSPHERE.LOCAL\\ann"}, {"name": "user", "password": "pass"}], "groups": [{"name": "VSPHERE.LOCAL\\Administrators", "members": ["user"]}], "aliases": {"corp.example.com": "CORP"}}`), 0o600)
	w := newWorld(t, func(cfg *config) { cfg.directory, cfg.anyUser = file, false })
	for _, c := range []struct {
		domain string
		want   []string
	}{
		{"", []string{`VSPHERE.LOCAL\ann`}}, {"corp.example.com", []string{`CORP\ann`}}, {"CORP", []string{`CORP\ann`}}, {"other", nil},
	} {
		res, err := methods.RetrieveUserGroups(w.ctx, w.client, &types.RetrieveUserGroups{
			This: *w.client.ServiceContent.UserDirectory, Domain: c.domain, SearchStr: "ANN", ExactMatch: true, FindUsers: true,
		})
		w.ok(err)
		var got []string
		for _, r := range res.Returnval {
			got = append(got, r.GetUserSearchResult().Principal)
		}
		equal(w, got, c.want)
	}
	var known mo.UserDirectory
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, *w.client.ServiceContent.UserDirectory, []string{"domainList"}, &known))
	equal(w, known.DomainList, []string{"CORP", "VSPHERE.LOCAL"})
	team := w.team()
	w.ok(w.authz().SetEntityPermissions(w.ctx, team, []types.Permission{{Principal: "ann@corp.example.com", RoleId: -2}, {Principal: "ann", RoleId: -2}}))
	list, err := w.authz().RetrieveEntityPermissions(w.ctx, team, false)
	w.ok(err)
	equal(w, []string{list[0].Principal, list[1].Principal}, []string{`CORP\ann`, `VSPHERE.LOCAL\ann`})
}
