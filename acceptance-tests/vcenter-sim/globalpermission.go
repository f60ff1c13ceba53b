package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

const (
	globalPath = "/api/vcenter/authorization/permissions"       // since 9.0
	legacyPath = "/rest/com/vmware/cis/authz/permission"        // until 9.2; since when is not known
	globalACL  = "GlobalAcl"                                    // type and ID of the object of a global permission
	legacyACL  = "PermissionFolder"                             // the same in the older service
	legacyDoc  = ";doc=urn:acl:global:permissions"              // the end of an ID of the older service
	legacyText = "com.vmware.vcenter.authorization.permissions" // the beginning of message IDs
)

type dynamicID struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// globalInfo is a permission of the service of 9.0.
type globalInfo struct {
	Object    dynamicID `json:"object"`
	Principal struct {
		Type   string `json:"type"`
		Name   string `json:"name"`
		Domain string `json:"domain,omitempty"`
	} `json:"principal"`
	Role        string `json:"role"`
	Propagating bool   `json:"propagating"`
}

// legacyInfo is a permission of the older service.
type legacyInfo struct {
	ID        string    `json:"id,omitempty"`
	Resource  dynamicID `json:"resource_id"`
	Principal struct {
		Type  string `json:"type"`
		User  string `json:"user_name,omitempty"`
		Group string `json:"group_name,omitempty"`
	} `json:"principal"`
	Roles     []string `json:"role_id"`
	Propagate bool     `json:"propagate"`
}

func errPermission(id string) *apiError {
	return &apiError{http.StatusNotFound, "not_found", legacyText + ".not_found", "The permission " + id + " does not exist.", []string{id}}
}

// setGlobal sets a global permission. The root folder shows it, unless its principal has one of its own there.
func (a *authz) setGlobal(p types.Permission) {
	if i := permissionIndex(a.globals, p.Principal, p.Group); i >= 0 {
		a.globals[i] = p
	} else if a.globals = append(a.globals, p); permissionIndex(a.perms[a.root], p.Principal, p.Group) >= 0 {
		return
	}
	a.put(a.root, p)
}

// checkGlobal checks a new or changed global permission.
func (a *authz) checkGlobal(p types.Permission) *apiError {
	if p.Principal == "" {
		return errInvalid(legacyText+".invalid_principal", "The principal has no name.")
	}
	if _, ok := a.sim.dir.resolve(p.Principal, p.Group); !ok {
		return errInvalid(legacyText+".invalid_principal", "The principal "+p.Principal+" does not exist.", p.Principal)
	}
	if a.role(p.RoleId) == nil {
		return errInvalid(legacyText+".invalid_role", "The role does not exist.", strconv.Itoa(int(p.RoleId)))
	}
	return nil
}

// globalWithout gives the permissions of the root folder when a global one is removed.
func (a *authz) globalWithout(i int) []types.Permission {
	p := a.globals[i]
	return slices.DeleteFunc(slices.Clone(a.perms[a.root]), func(r types.Permission) bool {
		return r.Group == p.Group && key(r.Principal) == key(p.Principal) && r.RoleId == p.RoleId
	})
}

func (a *authz) addGlobal(p types.Permission) *apiError {
	if bad := a.checkGlobal(p); bad != nil {
		return bad
	}
	p.Principal, _ = a.sim.dir.resolve(p.Principal, p.Group)
	if permissionIndex(a.globals, p.Principal, p.Group) >= 0 {
		return &apiError{http.StatusBadRequest, "already_exists", legacyText + ".already_exists_global", "The principal " + p.Principal + " already has a global permission.", []string{p.Principal}}
	}
	a.setGlobal(p)
	return nil
}

func (a *authz) removeGlobal(i int) *apiError {
	left := a.globalWithout(i)
	if !a.keepsAdmin(left) {
		return &apiError{http.StatusBadRequest, "resource_busy", legacyText + ".minimum_admin", "The system would be left without an administrator of the root resource.", nil}
	}
	a.globals = slices.Delete(a.globals, i, i+1)
	a.store(a.root, left)
	return nil
}

func globalID(p types.Permission) string {
	return p.Principal + ":" + principalType(p.Group)
}

func principalType(group bool) string {
	if group {
		return "GROUP"
	}
	return "USER"
}

// serveGlobal answers the service of 9.0.
func (a *authz) serveGlobal(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := func(bad *apiError, status int, value any) {
		if bad != nil {
			bad.write(w, true)
			return
		}
		answerJSON(w, status, value)
	}
	if !versionAtLeast(a.sim.version, "9.0.0") {
		answer(errNoOperation, 0, nil)
		return
	}
	info := func(p types.Permission) map[string]any {
		i := globalInfo{Object: dynamicID{globalACL, globalACL}, Role: strconv.Itoa(int(p.RoleId)), Propagating: p.Propagate}
		i.Principal.Type = principalType(p.Group)
		i.Principal.Domain, i.Principal.Name, _ = strings.Cut(p.Principal, `\`)
		return map[string]any{"permission": globalID(p), "info": i}
	}
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, globalPath), "/")
	at := slices.IndexFunc(a.globals, func(p types.Permission) bool { return globalID(p) == id })
	if id != "" && at < 0 {
		answer(errPermission(id), 0, nil)
		return
	}
	action := r.URL.Query().Get("action")
	if r.Method != http.MethodPost || action != "list" {
		a.ask(r.UserAgent(), []need{{a.root, "Authorization.ModifyPermissions"}})
	}
	switch {
	case r.Method == http.MethodPost && id == "" && action == "list":
		// Pages of two, so that clients have to go on.
		var body struct {
			Filter  any `json:"filter"`
			Iterate struct {
				Marker string `json:"marker"`
			} `json:"iterate"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		from, _ := strconv.Atoi(body.Iterate.Marker)
		if body.Iterate.Marker != "" && body.Filter != nil {
			answer(errInvalid(legacyText+".filter_and_marker", "A filter and a marker exclude each other."), 0, nil)
			return
		}
		items := []any{}
		for i := from; i < len(a.globals) && i < from+2; i++ {
			items = append(items, info(a.globals[i]))
		}
		result := map[string]any{"items": items}
		if from+2 < len(a.globals) {
			result["marker"] = strconv.Itoa(from + 2)
		}
		answer(nil, http.StatusOK, result)
	case r.Method == http.MethodPost && id == "" && action == "":
		var spec globalInfo
		if json.NewDecoder(r.Body).Decode(&spec) != nil || spec.Object != (dynamicID{globalACL, globalACL}) {
			answer(errInvalid(legacyText+".invalid_object", "Only global permissions are known here."), 0, nil)
			return
		}
		domain := spec.Principal.Domain
		if domain == "" {
			domain = "localos"
		}
		role, _ := strconv.Atoi(spec.Role)
		p := types.Permission{Principal: domain + `\` + spec.Principal.Name, Group: spec.Principal.Type == "GROUP", RoleId: int32(role), Propagate: spec.Propagating}
		bad := a.addGlobal(p)
		name, _ := a.sim.dir.resolve(p.Principal, p.Group)
		p.Principal = name
		answer(bad, http.StatusCreated, globalID(p))
	case r.Method == http.MethodGet && id != "":
		answer(nil, http.StatusOK, info(a.globals[at])["info"])
	case r.Method == http.MethodPatch && id != "":
		var spec struct {
			Role        *string `json:"role"`
			Propagating *bool   `json:"is_propagating"`
		}
		_ = json.NewDecoder(r.Body).Decode(&spec)
		p := a.globals[at]
		if spec.Role != nil {
			role, _ := strconv.Atoi(*spec.Role)
			p.RoleId = int32(role)
		}
		if spec.Propagating != nil {
			p.Propagate = *spec.Propagating
		}
		bad := a.checkGlobal(p)
		if bad == nil {
			a.setGlobal(p)
		}
		answer(bad, http.StatusNoContent, nil)
	case r.Method == http.MethodDelete && id != "":
		answer(a.removeGlobal(at), http.StatusNoContent, nil)
	default:
		answer(errNoOperation, 0, nil)
	}
}

// serveLegacyGlobal answers the older service, which has one role per permission and no update.
func (a *authz) serveLegacyGlobal(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := func(bad *apiError, value any) {
		if bad != nil {
			bad.write(w, false)
			return
		}
		answerJSON(w, http.StatusOK, map[string]any{"value": value})
	}
	if versionAtLeast(a.sim.version, "9.2.0") {
		answer(errNoOperation, nil)
		return
	}
	idOf := func(p types.Permission) string {
		return strings.ToLower(principalType(p.Group)) + "name=" + p.Principal + legacyDoc
	}
	info := func(p types.Permission) legacyInfo {
		i := legacyInfo{ID: idOf(p), Resource: dynamicID{legacyACL, "global-permission"}, Roles: []string{strconv.Itoa(int(p.RoleId))}, Propagate: p.Propagate}
		i.Principal.Type = principalType(p.Group)
		if p.Group {
			i.Principal.Group = p.Principal
		} else {
			i.Principal.User = p.Principal
		}
		return i
	}
	id := strings.TrimPrefix(strings.Trim(strings.TrimPrefix(r.URL.Path, legacyPath), "/"), "id:")
	at := slices.IndexFunc(a.globals, func(p types.Permission) bool { return idOf(p) == id })
	if id != "" && at < 0 {
		answer(errPermission(id), nil)
		return
	}
	action := r.URL.Query().Get("~action")
	if r.Method == http.MethodDelete || r.Method == http.MethodPost && action == "" {
		a.ask(r.UserAgent(), []need{{a.root, "Authorization.ModifyPermissions"}})
	}
	switch {
	case r.Method == http.MethodPost && id == "" && action == "list-detail":
		all := []legacyInfo{}
		for _, p := range a.globals {
			all = append(all, info(p))
		}
		answer(nil, all)
	case r.Method == http.MethodPost && id == "" && action == "":
		var body struct {
			Spec legacyInfo `json:"create_spec"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		s := body.Spec
		if s.Resource != (dynamicID{legacyACL, "global-permission"}) || len(s.Roles) != 1 {
			answer(errInvalid(legacyText+".invalid_spec", "Expected one role on the global permissions."), nil)
			return
		}
		role, _ := strconv.Atoi(s.Roles[0])
		p := types.Permission{Principal: s.Principal.User + s.Principal.Group, Group: s.Principal.Type == "GROUP", RoleId: int32(role), Propagate: s.Propagate}
		bad := a.addGlobal(p)
		p.Principal, _ = a.sim.dir.resolve(p.Principal, p.Group)
		answer(bad, idOf(p))
	case r.Method == http.MethodGet && id != "":
		answer(nil, info(a.globals[at]))
	case r.Method == http.MethodDelete && id != "":
		answer(a.removeGlobal(at), nil)
	default:
		answer(errNoOperation, nil)
	}
}
