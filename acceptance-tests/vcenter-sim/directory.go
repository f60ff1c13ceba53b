package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	ssoDomain = "VSPHERE.LOCAL"
	adminUser = ssoDomain + `\Administrator`
	admins    = ssoDomain + `\Administrators`
)

// principal is a user or a group of the directory.
type principal struct {
	Name     string   `json:"name"`               // DOMAIN\name, name@domain, or a bare local name
	FullName string   `json:"full_name"`          // optional
	Password string   `json:"password,omitempty"` // users; empty accepts any
	Members  []string `json:"members,omitempty"`  // groups
}

// directory knows the principals: what vCenter asks its identity sources for. The simulator has only a fixed list that
// nothing else consults.
type directory struct {
	mu      sync.Mutex
	anyUser bool
	enforce bool
	users   map[string]*principal // by lower-case DOMAIN\name
	groups  map[string]*principal
	aliases map[string]string // other names of domains, in lower case -> the name that is stored
}

func newDirectory(cfg config) (*directory, error) {
	d := &directory{anyUser: cfg.anyUser, enforce: cfg.enforce, users: map[string]*principal{}, groups: map[string]*principal{}, aliases: map[string]string{}}
	for _, n := range []string{adminUser, "root", "user"} {
		d.addUser(principal{Name: n})
	}
	for _, n := range []string{"Users", "SystemConfiguration.Administrators", "CAAdmins", "LicenseService.Administrators", "DCClients", "ReadOnlyUsers", "TrustedAdmins"} {
		d.addGroup(principal{Name: ssoDomain + `\` + n})
	}
	d.addGroup(principal{Name: "root"})
	group := principal{Name: admins, Members: []string{adminUser, "user"}}
	switch {
	case cfg.user != "":
		d.anyUser = d.anyUser && cfg.directory != ""
		delete(d.users, "user")
		d.addUser(principal{Name: cfg.user, Password: cfg.password})
		group.Members = []string{adminUser, cfg.user}
		if p := d.users[key(adminUser)]; p.Password == "" { // no other user may log in
			p.Password = randomID()
		}
		d.users["root"].Password = randomID()
	case cfg.directory != "":
		delete(d.users, "user")
		group.Members = []string{adminUser}
	}
	d.addGroup(group)
	if cfg.directory == "" {
		return d, nil
	}
	b, err := os.ReadFile(cfg.directory)
	if err != nil {
		return nil, err
	}
	var file struct {
		Users, Groups []principal
		Aliases       map[string]string
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.directory, err)
	}
	for alias, domain := range file.Aliases {
		d.aliases[strings.ToLower(alias)] = strings.ToUpper(domain)
	}
	for _, u := range file.Users {
		d.addUser(u)
	}
	for _, g := range file.Groups {
		if old := d.groups[key(g.Name)]; old != nil { // the file adds to the groups that are always there
			old.Members = append(old.Members, g.Members...)
			continue
		}
		d.addGroup(g)
	}
	return d, nil
}

// canonical spells a principal as vCenter stores and returns it: name@domain becomes DOMAIN\name, the domain in upper
// case.
func canonical(name string) string {
	if domain, user, ok := strings.Cut(name, `\`); ok {
		return strings.ToUpper(domain) + `\` + user
	}
	if user, domain, ok := strings.Cut(name, "@"); ok {
		return strings.ToUpper(domain) + `\` + user
	}
	return name
}

// key compares principals: case does not matter, in either spelling.
func key(name string) string { return strings.ToLower(canonical(name)) }

func (d *directory) addUser(p principal) {
	p.Name = canonical(p.Name)
	d.users[key(p.Name)] = &p
}

func (d *directory) addGroup(p principal) {
	p.Name = canonical(p.Name)
	d.groups[key(p.Name)] = &p
}

// find looks a principal up; a bare name is looked up as it is, then in the SSO domain.
func (d *directory) find(name string, group bool) *principal {
	m := d.users
	if group {
		m = d.groups
	}
	if p := m[key(name)]; p != nil {
		return p
	}
	if domain, user, ok := strings.Cut(canonical(name), `\`); ok {
		return m[key(d.domain(domain)+`\`+user)]
	}
	if !strings.ContainsAny(name, `\@`) {
		return m[key(ssoDomain+`\`+name)]
	}
	return nil
}

// domain is the name of a domain that principals are stored with.
func (d *directory) domain(name string) string {
	if stored, ok := d.aliases[strings.ToLower(name)]; ok {
		return stored
	}
	return name
}

// resolve returns the stored spelling of a principal, or false if there is none of that name.
func (d *directory) resolve(name string, group bool) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.find(name, group); p != nil {
		return p.Name, true
	}
	return canonical(name), d.anyUser && name != ""
}

func (d *directory) login(name, password string) bool {
	if name == "" || password == "" {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.find(name, false); p != nil {
		return p.Password == "" || p.Password == password
	}
	return d.anyUser
}

// groupsOf returns the keys of the groups a user is in, directly or through other groups.
func (d *directory) groupsOf(user string) map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := map[string]bool{}
	if d.find(user, false) == nil && !d.enforce {
		in[key(admins)] = true // without enforcement, an undefined login has all privileges, and they are reported
	}
	todo := []string{key(user)}
	if p := d.find(user, false); p != nil {
		todo = []string{key(p.Name)}
	}
	for len(todo) > 0 {
		member := todo[0]
		todo = todo[1:]
		for k, g := range d.groups {
			if !in[k] && slices.ContainsFunc(g.Members, func(m string) bool { return key(m) == member }) {
				in[k] = true
				todo = append(todo, k)
			}
		}
	}
	return in
}

// domains are those of which the directory has principals, and the SSO domain.
func (d *directory) domains() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := map[string]bool{ssoDomain: true}
	for _, m := range []map[string]*principal{d.users, d.groups} {
		for _, p := range m {
			if domain, _, ok := strings.Cut(p.Name, `\`); ok {
				names[domain] = true
			}
		}
	}
	return sortedKeys(names)
}

// xUserDirectory answers searches from the directory.
type xUserDirectory struct{ *simulator.UserDirectory }

// Without a domain, the local users of the vCenter's own system and those of the SSO domain are searched.
func (u *xUserDirectory) RetrieveUserGroups(ctx *simulator.Context, req *types.RetrieveUserGroups) soap.HasFault {
	d := simOf(ctx).dir
	var inGroups map[string]bool
	if req.BelongsToUser != "" {
		inGroups = d.groupsOf(req.BelongsToUser)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	res := &types.RetrieveUserGroupsResponse{}
	add := func(m map[string]*principal, group bool) {
		for _, k := range sortedKeys(m) {
			p := m[k]
			domain, name, ok := strings.Cut(p.Name, `\`)
			if !ok {
				domain, name = "", p.Name
			}
			if req.Domain != "" && !strings.EqualFold(d.domain(req.Domain), domain) {
				continue
			}
			if req.Domain == "" && domain != "" && domain != ssoDomain && req.ExactMatch {
				continue
			}
			match := strings.Contains(strings.ToLower(name), strings.ToLower(req.SearchStr))
			if req.ExactMatch {
				match = strings.EqualFold(name, req.SearchStr) || key(p.Name) == key(req.SearchStr)
			}
			if !match || group && inGroups != nil && !inGroups[k] {
				continue
			}
			if g := d.groups[key(req.BelongsToGroup)]; req.BelongsToGroup != "" && (g == nil || !slices.ContainsFunc(g.Members, func(m string) bool { return key(m) == k })) {
				continue
			}
			full := p.FullName
			if full == "" {
				full = name
			}
			shown := p.Name
			if simOf(ctx).bareNames {
				shown = name
			}
			res.Returnval = append(res.Returnval, &types.UserSearchResult{Principal: shown, FullName: full, Group: group})
		}
	}
	if req.FindUsers {
		add(d.users, false)
	}
	if req.FindGroups {
		add(d.groups, true)
	}
	return &methods.RetrieveUserGroupsBody{Res: res}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
