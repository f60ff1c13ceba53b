package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/vmware/govmomi/simulator"
	ssomethods "github.com/vmware/govmomi/ssoadmin/methods"
	ssosim "github.com/vmware/govmomi/ssoadmin/simulator"
	ssotypes "github.com/vmware/govmomi/ssoadmin/types"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The administration of single sign-on: users, groups and members are those of the directory. The simulator has a
// directory of its own for it, in which groups have no members, and sessions that every client has.

// SsoFaultInvalidPrincipalFault is how vCenter says that a user or a group does not exist, or that the name is taken.
type SsoFaultInvalidPrincipalFault struct {
	types.MethodFault
	Principal string `xml:"principal"`
}

// SsoAdminFaultPasswordPolicyViolationFault is the fault of a password that is not accepted.
type SsoAdminFaultPasswordPolicyViolationFault struct{ types.MethodFault }

func noPrincipal(name string) *soap.Fault {
	return simulator.Fault("Cannot find the principal "+name, &SsoFaultInvalidPrincipalFault{Principal: name})
}

// ssoStore is what the directory has no room for: the details of users and groups.
type ssoStore struct {
	dir    *directory
	mu     sync.Mutex
	people map[string]ssotypes.AdminPersonDetails // by key of the directory
	groups map[string]string                      // descriptions
}

// stored is the name of a principal in the directory.
func stored(id ssotypes.PrincipalId) string { return id.Domain + `\` + id.Name }

// local is the name of a principal of the SSO domain.
func local(name string) string { return ssoDomain + `\` + name }

// idOf is a principal of the directory as SSO returns it: domains are written in lower case.
func idOf(name string) ssotypes.PrincipalId {
	domain, user, ok := strings.Cut(canonical(name), `\`)
	if !ok {
		return ssotypes.PrincipalId{Name: name, Domain: "localos"}
	}
	return ssotypes.PrincipalId{Name: user, Domain: strings.ToLower(domain)}
}

// lookUp finds a user or a group, and its key. The directory must be locked.
func (s *ssoStore) lookUp(name string, group bool) (*principal, string) {
	p := s.dir.find(name, group)
	if p == nil {
		return nil, ""
	}
	return p, key(p.Name)
}

func (s *ssoStore) lock() func() {
	s.mu.Lock()
	s.dir.mu.Lock()
	return func() {
		s.dir.mu.Unlock()
		s.mu.Unlock()
	}
}

type xDisc struct {
	*ssosim.PrincipalDiscoveryService
	s *ssoStore
}

type xMgmt struct {
	*ssosim.PrincipalManagementService
	s *ssoStore
}

type xCheck struct {
	*ssosim.GroupcheckService
	s *ssoStore
}

func (s *ssoStore) person(p *principal) ssotypes.AdminPersonUser {
	return ssotypes.AdminPersonUser{Id: idOf(p.Name), Details: s.people[key(p.Name)]}
}

func (s *ssoStore) group(p *principal) ssotypes.AdminGroup {
	return ssotypes.AdminGroup{Id: idOf(p.Name), Details: ssotypes.AdminGroupDetails{Description: s.groups[key(p.Name)]}}
}

func (d *xDisc) FindPersonUser(ctx *simulator.Context, req *ssotypes.FindPersonUser) soap.HasFault {
	defer d.s.lock()()
	res := &ssotypes.FindPersonUserResponse{}
	if p, _ := d.s.lookUp(stored(req.UserId), false); p != nil {
		user := d.s.person(p)
		res.Returnval = &user
	}
	return &ssomethods.FindPersonUserBody{Res: res}
}

func (d *xDisc) FindUser(ctx *simulator.Context, req *ssotypes.FindUser) soap.HasFault {
	defer d.s.lock()()
	res := &ssotypes.FindUserResponse{}
	if p, k := d.s.lookUp(stored(req.UserId), false); p != nil {
		res.Returnval = &ssotypes.AdminUser{Id: idOf(p.Name), Kind: "person", Description: d.s.people[k].Description}
	}
	return &ssomethods.FindUserBody{Res: res}
}

func (d *xDisc) FindGroup(ctx *simulator.Context, req *ssotypes.FindGroup) soap.HasFault {
	defer d.s.lock()()
	res := &ssotypes.FindGroupResponse{}
	if p, _ := d.s.lookUp(stored(req.GroupId), true); p != nil {
		group := d.s.group(p)
		res.Returnval = &group
	}
	return &ssomethods.FindGroupBody{Res: res}
}

// matches decides about a principal of a search.
func matchesSearch(id ssotypes.PrincipalId, domain, search string) bool {
	return (domain == "" || strings.EqualFold(domain, id.Domain)) &&
		strings.Contains(strings.ToLower(id.Name), strings.ToLower(search))
}

func (d *xDisc) FindPersonUsers(ctx *simulator.Context, req *ssotypes.FindPersonUsers) soap.HasFault {
	defer d.s.lock()()
	res := &ssotypes.FindPersonUsersResponse{}
	for _, k := range sortedKeys(d.s.dir.users) {
		if p := d.s.dir.users[k]; matchesSearch(idOf(p.Name), req.Criteria.Domain, req.Criteria.SearchString) {
			res.Returnval = append(res.Returnval, d.s.person(p))
		}
	}
	return &ssomethods.FindPersonUsersBody{Res: res}
}

func (d *xDisc) FindGroups(ctx *simulator.Context, req *ssotypes.FindGroups) soap.HasFault {
	defer d.s.lock()()
	res := &ssotypes.FindGroupsResponse{}
	for _, k := range sortedKeys(d.s.dir.groups) {
		if p := d.s.dir.groups[k]; matchesSearch(idOf(p.Name), req.Criteria.Domain, req.Criteria.SearchString) {
			res.Returnval = append(res.Returnval, d.s.group(p))
		}
	}
	return &ssomethods.FindGroupsBody{Res: res}
}

func (d *xDisc) FindUsersInGroup(ctx *simulator.Context, req *ssotypes.FindUsersInGroup) soap.HasFault {
	defer d.s.lock()()
	g, _ := d.s.lookUp(stored(req.GroupId), true)
	if g == nil {
		return &ssomethods.FindUsersInGroupBody{Fault_: noPrincipal(req.GroupId.Name)}
	}
	res := &ssotypes.FindUsersInGroupResponse{}
	for _, m := range g.Members {
		if p, k := d.s.lookUp(m, false); p != nil && matchesSearch(idOf(p.Name), "", req.SearchString) {
			res.Returnval = append(res.Returnval, ssotypes.AdminUser{Id: idOf(p.Name), Kind: "person", Description: d.s.people[k].Description})
		}
	}
	return &ssomethods.FindUsersInGroupBody{Res: res}
}

func (d *xDisc) FindGroupsInGroup(ctx *simulator.Context, req *ssotypes.FindGroupsInGroup) soap.HasFault {
	defer d.s.lock()()
	g, _ := d.s.lookUp(stored(req.GroupId), true)
	if g == nil {
		return &ssomethods.FindGroupsInGroupBody{Fault_: noPrincipal(req.GroupId.Name)}
	}
	res := &ssotypes.FindGroupsInGroupResponse{}
	for _, m := range g.Members {
		if p, _ := d.s.lookUp(m, true); p != nil && matchesSearch(idOf(p.Name), "", req.SearchString) {
			res.Returnval = append(res.Returnval, d.s.group(p))
		}
	}
	return &ssomethods.FindGroupsInGroupBody{Res: res}
}

// FindAllParentGroups answers the groups that a user is in, directly or through others.
func (c *xCheck) FindAllParentGroups(ctx *simulator.Context, req *ssotypes.FindAllParentGroups) soap.HasFault {
	in := c.s.dir.groupsOf(stored(req.UserId))
	defer c.s.lock()()
	res := &ssotypes.FindAllParentGroupsResponse{}
	for _, k := range sortedKeys(in) {
		if p := c.s.dir.groups[k]; p != nil {
			res.Returnval = append(res.Returnval, idOf(p.Name))
		}
	}
	return &ssomethods.FindAllParentGroupsBody{Res: res}
}

// taken is the fault of a name that a user or a group has.
func (s *ssoStore) taken(name string) *soap.Fault {
	for _, group := range []bool{false, true} {
		if p, _ := s.lookUp(local(name), group); p != nil {
			return simulator.Fault("Cannot create the principal "+name+": it exists.", &SsoFaultInvalidPrincipalFault{Principal: name})
		}
	}
	return nil
}

// CreateLocalPersonUser adds to the directory: permissions are checked against it, and the user can log in.
func (m *xMgmt) CreateLocalPersonUser(ctx *simulator.Context, req *ssotypes.CreateLocalPersonUser) soap.HasFault {
	defer m.s.lock()()
	body := &ssomethods.CreateLocalPersonUserBody{}
	if body.Fault_ = m.s.taken(req.UserName); body.Fault_ != nil {
		return body
	}
	if body.Fault_ = violation(req.Password); body.Fault_ != nil {
		return body
	}
	m.s.dir.addUser(principal{Name: local(req.UserName), Password: req.Password})
	m.s.people[key(local(req.UserName))] = req.UserDetails
	body.Res = &ssotypes.CreateLocalPersonUserResponse{}
	return body
}

func (m *xMgmt) UpdateLocalPersonUserDetails(ctx *simulator.Context, req *ssotypes.UpdateLocalPersonUserDetails) soap.HasFault {
	defer m.s.lock()()
	_, k := m.s.lookUp(local(req.UserName), false)
	if k == "" {
		return &ssomethods.UpdateLocalPersonUserDetailsBody{Fault_: noPrincipal(req.UserName)}
	}
	m.s.people[k] = req.UserDetails
	return &ssomethods.UpdateLocalPersonUserDetailsBody{Res: &ssotypes.UpdateLocalPersonUserDetailsResponse{}}
}

func (m *xMgmt) ResetLocalPersonUserPassword(ctx *simulator.Context, req *ssotypes.ResetLocalPersonUserPassword) soap.HasFault {
	defer m.s.lock()()
	body := &ssomethods.ResetLocalPersonUserPasswordBody{}
	p, _ := m.s.lookUp(local(req.UserName), false)
	if p == nil {
		body.Fault_ = noPrincipal(req.UserName)
		return body
	}
	if body.Fault_ = violation(req.NewPassword); body.Fault_ != nil {
		return body
	}
	p.Password = req.NewPassword
	body.Res = &ssotypes.ResetLocalPersonUserPasswordResponse{}
	return body
}

func (m *xMgmt) CreateLocalGroup(ctx *simulator.Context, req *ssotypes.CreateLocalGroup) soap.HasFault {
	defer m.s.lock()()
	body := &ssomethods.CreateLocalGroupBody{}
	if body.Fault_ = m.s.taken(req.GroupName); body.Fault_ != nil {
		return body
	}
	m.s.dir.addGroup(principal{Name: local(req.GroupName)})
	m.s.groups[key(local(req.GroupName))] = req.GroupDetails.Description
	body.Res = &ssotypes.CreateLocalGroupResponse{}
	return body
}

func (m *xMgmt) UpdateLocalGroupDetails(ctx *simulator.Context, req *ssotypes.UpdateLocalGroupDetails) soap.HasFault {
	defer m.s.lock()()
	_, k := m.s.lookUp(local(req.GroupName), true)
	if k == "" {
		return &ssomethods.UpdateLocalGroupDetailsBody{Fault_: noPrincipal(req.GroupName)}
	}
	m.s.groups[k] = req.GroupDetails.Description
	return &ssomethods.UpdateLocalGroupDetailsBody{Res: &ssotypes.UpdateLocalGroupDetailsResponse{}}
}

// DeleteLocalPrincipal takes a user or a group away, also from the groups that it is in.
func (m *xMgmt) DeleteLocalPrincipal(ctx *simulator.Context, req *ssotypes.DeleteLocalPrincipal) soap.HasFault {
	defer m.s.lock()()
	d := m.s.dir
	k := key(local(req.PrincipalName))
	if d.users[k] == nil && d.groups[k] == nil {
		return &ssomethods.DeleteLocalPrincipalBody{Fault_: noPrincipal(req.PrincipalName)}
	}
	delete(d.users, k)
	delete(d.groups, k)
	delete(m.s.people, k)
	delete(m.s.groups, k)
	for _, g := range d.groups {
		g.Members = slices.DeleteFunc(g.Members, func(member string) bool { return key(member) == k })
	}
	return &ssomethods.DeleteLocalPrincipalBody{Res: &ssotypes.DeleteLocalPrincipalResponse{}}
}

// add puts principals into a group. If one of them does not exist, none is added.
func (s *ssoStore) add(group string, ids []ssotypes.PrincipalId, groups bool) ([]bool, *soap.Fault) {
	defer s.lock()()
	g, _ := s.lookUp(local(group), true)
	if g == nil {
		return nil, noPrincipal(group)
	}
	var members []string
	for _, id := range ids {
		p, _ := s.lookUp(stored(id), groups)
		if p == nil {
			return nil, noPrincipal(id.Name)
		}
		members = append(members, p.Name)
	}
	var added []bool
	for _, name := range members {
		is := slices.ContainsFunc(g.Members, func(m string) bool { return key(m) == key(name) })
		if !is {
			g.Members = append(g.Members, name)
		}
		added = append(added, !is)
	}
	return added, nil
}

func (m *xMgmt) AddUsersToLocalGroup(ctx *simulator.Context, req *ssotypes.AddUsersToLocalGroup) soap.HasFault {
	added, bad := m.s.add(req.GroupName, req.UserIds, false)
	if bad != nil {
		return &ssomethods.AddUsersToLocalGroupBody{Fault_: bad}
	}
	return &ssomethods.AddUsersToLocalGroupBody{Res: &ssotypes.AddUsersToLocalGroupResponse{Returnval: added}}
}

func (m *xMgmt) AddGroupsToLocalGroup(ctx *simulator.Context, req *ssotypes.AddGroupsToLocalGroup) soap.HasFault {
	added, bad := m.s.add(req.GroupName, req.GroupIds, true)
	if bad != nil {
		return &ssomethods.AddGroupsToLocalGroupBody{Fault_: bad}
	}
	return &ssomethods.AddGroupsToLocalGroupBody{Res: &ssotypes.AddGroupsToLocalGroupResponse{Returnval: added}}
}

func (m *xMgmt) RemovePrincipalsFromLocalGroup(ctx *simulator.Context, req *ssotypes.RemovePrincipalsFromLocalGroup) soap.HasFault {
	defer m.s.lock()()
	g, _ := m.s.lookUp(local(req.GroupName), true)
	if g == nil {
		return &ssomethods.RemovePrincipalsFromLocalGroupBody{Fault_: noPrincipal(req.GroupName)}
	}
	for _, id := range req.PrincipalsIds {
		user, _ := m.s.lookUp(stored(id), false)
		if group, _ := m.s.lookUp(stored(id), true); user == nil && group == nil {
			return &ssomethods.RemovePrincipalsFromLocalGroupBody{Fault_: noPrincipal(id.Name)}
		}
	}
	var removed []bool
	for _, id := range req.PrincipalsIds {
		before := len(g.Members)
		g.Members = slices.DeleteFunc(g.Members, func(member string) bool { return key(member) == key(stored(id)) })
		removed = append(removed, len(g.Members) < before)
	}
	return &ssomethods.RemovePrincipalsFromLocalGroupBody{Res: &ssotypes.RemovePrincipalsFromLocalGroupResponse{Returnval: removed}}
}

// xPolicy answers the policy for passwords, the one of a new vCenter.
type xPolicy struct{ types.ManagedObjectReference }

func (*xPolicy) GetLocalPasswordPolicy(ctx *simulator.Context, req *ssotypes.GetLocalPasswordPolicy) soap.HasFault {
	return &ssomethods.GetLocalPasswordPolicyBody{Res: &ssotypes.GetLocalPasswordPolicyResponse{Returnval: ssotypes.AdminPasswordPolicy{
		ProhibitedPreviousPasswordsCount: 5,
		PasswordLifetimeDays:             90,
		PasswordFormat: ssotypes.AdminPasswordFormat{
			LengthRestriction:              ssotypes.AdminPasswordFormatLengthRestriction{MinLength: 8, MaxLength: 20},
			AlphabeticRestriction:          ssotypes.AdminPasswordFormatAlphabeticRestriction{MinAlphabeticCount: 2, MinUppercaseCount: 1, MinLowercaseCount: 1},
			MinNumericCount:                1,
			MinSpecialCharCount:            1,
			MaxIdenticalAdjacentCharacters: 3,
		},
	}}}
}

// violation is the fault of a password that does not meet the policy.
func violation(password string) *soap.Fault {
	var upper, lower, digits, special int
	for _, c := range password {
		switch {
		case unicode.IsUpper(c):
			upper++
		case unicode.IsLower(c):
			lower++
		case unicode.IsDigit(c):
			digits++
		default:
			special++
		}
	}
	if n := len(password); n >= 8 && n <= 20 && upper > 0 && lower > 0 && digits > 0 && special > 0 {
		return nil
	}
	return simulator.Fault("Password does not match the password policy.", &SsoAdminFaultPasswordPolicyViolationFault{})
}

// registerSSO puts the wrappers in the simulator's SSO administration endpoint.
func registerSSO(svc *simulator.Service, r *simulator.Registry) {
	sr := ssosim.New(r, svc.Listen)
	get := func(kind, value string) any { return sr.Get(types.ManagedObjectReference{Type: kind, Value: value}) }
	mgmt, ok1 := get("SsoAdminPrincipalManagementService", "principalManagementService").(*ssosim.PrincipalManagementService)
	disc, ok2 := get("SsoAdminPrincipalDiscoveryService", "principalDiscoveryService").(*ssosim.PrincipalDiscoveryService)
	check, ok3 := get("SsoGroupcheckGroupCheckService", "groupCheckService").(*ssosim.GroupcheckService)
	if !ok1 || !ok2 || !ok3 {
		return
	}
	s := &ssoStore{dir: simOfRegistry(r).dir, people: map[string]ssotypes.AdminPersonDetails{}, groups: map[string]string{}}
	sr.Put(&xMgmt{mgmt, s})
	sr.Put(&xDisc{disc, s})
	sr.Put(&xCheck{check, s})
	sr.Put(&xPolicy{types.ManagedObjectReference{Type: "SsoAdminPasswordPolicyService", Value: "passwordPolicyService"}})
	svc.RegisterSDK(sr)
}

const ssoCookie = "JSESSIONID"

// ssoSessions are the tokens that were issued, and the sessions that were opened with one.
type ssoSessions struct {
	mu     sync.Mutex
	tokens map[string]string // id -> user
	open   map[string]*liveSession
	vim    string // the simulator's own session of the vCenter
}

func newSSOSessions() *ssoSessions {
	return &ssoSessions{tokens: map[string]string{}, open: map[string]*liveSession{}}
}

func (o *ssoSessions) list() []liveSession {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []liveSession
	for _, k := range sortedKeys(o.open) {
		list = append(list, *o.open[k])
	}
	return list
}

func (o *ssoSessions) expire() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(o.open)
	clear(o.open)
	return n
}

var (
	reUsername  = regexp.MustCompile(`<wsse:Username>([^<]*)</wsse:Username>`)
	rePassword  = regexp.MustCompile(`<wsse:Password[^>]*>([^<]*)</wsse:Password>`)
	reTimestamp = regexp.MustCompile(`<wsu:Timestamp[^>]*>.*<wsu:Created[^>]*>([^<]+)<.*<wsu:Expires[^>]*>([^<]+)<`)
	reAssertion = regexp.MustCompile(`(<saml2:Assertion[^>]* ID=")([^"]*)(")`)
	reNameID    = regexp.MustCompile(`(<saml2:NameID[^>]*>)([^<]*)(<)`)
	ssoReads    = regexp.MustCompile(`^(Find|Get|Is|Has)`)
)

// serveTokens checks who asks for a token, and issues it in that name; the simulator issues one for everybody.
func (s *sim) serveTokens(next http.Handler, w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	id, user := "_"+randomID(), ""
	if m := reUsername.FindSubmatch(b); m != nil {
		user = html.UnescapeString(string(m[1]))
		password := ""
		if p := rePassword.FindSubmatch(b); p != nil {
			password = html.UnescapeString(string(p[1]))
		}
		if !s.validLogin(&types.Login{UserName: user, Password: password}) {
			writeCode(w, "ns0:FailedAuthentication", "Invalid credentials")
			return
		}
		if bad := outOfTime(b); bad != "" {
			writeCode(w, "ns0:InvalidTimeRange", bad)
			return
		}
		user, _ = s.dir.resolve(user, false)
	}
	bw := &bufWriter{h: http.Header{}}
	next.ServeHTTP(bw, r)
	out := bw.b.Bytes()
	if user != "" {
		out = reAssertion.ReplaceAll(out, []byte("${1}"+id+"${3}"))
		p := idOf(user)
		out = reNameID.ReplaceAll(out, []byte("${1}"+html.EscapeString(p.Name+"@"+strings.ToUpper(p.Domain))+"${3}"))
		s.sso.mu.Lock()
		s.sso.tokens[id] = user
		s.sso.mu.Unlock()
	} else if m := reAssertion.FindSubmatch(out); m != nil { // with a certificate
		s.sso.mu.Lock()
		s.sso.tokens[string(m[2])] = adminUser
		s.sso.mu.Unlock()
	}
	bw.flush(w, out)
}

// outOfTime says what is wrong with the time of a request.
func outOfTime(b []byte) string {
	m := reTimestamp.FindSubmatch(b)
	if m == nil {
		return "The request has no timestamp"
	}
	created, err1 := time.Parse(time.RFC3339Nano, string(m[1]))
	expires, err2 := time.Parse(time.RFC3339Nano, string(m[2]))
	if err1 != nil || err2 != nil {
		return "The timestamp of the request cannot be read"
	}
	const tolerance = 10 * time.Minute
	if now := time.Now(); now.Add(tolerance).Before(created) || now.Add(-tolerance).After(expires) {
		return fmt.Sprintf("The time now %s does not fall in the request lifetime interval extended with clock tolerance", now)
	}
	return ""
}

// writeCode answers with a fault that has a code and no detail, as the token service does.
func writeCode(w http.ResponseWriter, code, text string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, `<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode xmlns:ns0="http://docs.oasis-open.org/ws-sx/ws-trust/200512/">%s</faultcode><faultstring>%s</faultstring></S:Fault></S:Body></S:Envelope>`, code, html.EscapeString(text))
}

// serveSSO keeps the sessions of the administration: they are opened with a token, and every other call needs one.
func (s *sim) serveSSO(next http.Handler, w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	method := ""
	if m := reMethod.FindSubmatch(b); m != nil {
		method = string(m[1])
	}
	session := ""
	if c, err := r.Cookie(ssoCookie); err == nil {
		session = c.Value
	}
	o := s.sso
	o.mu.Lock()
	live := o.open[session]
	if live != nil {
		live.Accessed = time.Now()
	}
	switch method {
	case "SsoAdminServiceInstance", "SsoGroupcheckServiceInstance":
	case "Login":
		m := reAssertion.FindSubmatch(b)
		user, ok := "", false
		if m != nil {
			user, ok = o.tokens[string(m[2])]
		}
		if !ok {
			o.mu.Unlock()
			writeFault(w, "SsoFaultInvalidCredentials", "Invalid credentials", "")
			return
		}
		id, now := randomID(), time.Now()
		o.open[id] = &liveSession{"sso", id, user, r.UserAgent(), now, now}
		w.Header().Add("Set-Cookie", ssoCookie+"="+id+"; Path=/sso-adminserver; Secure; HttpOnly")
	case "Logout":
		delete(o.open, session)
	default:
		if live == nil {
			o.mu.Unlock()
			writeFault(w, "SsoFaultNotAuthenticated", "The session is not authenticated.", "")
			return
		}
		if s.enforce && !ssoReads.MatchString(method) && !s.dir.groupsOf(live.User)[key(admins)] {
			o.mu.Unlock()
			writeFault(w, "SsoFaultNoPermission", "Access denied.", "")
			return
		}
	}
	o.mu.Unlock()
	// The simulator wants a session of the vCenter, which the administration has nothing to do with.
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: soap.SessionCookieName, Value: o.session(next, s.internal)})
	next.ServeHTTP(w, r)
}

// session is the simulator's own session of the vCenter.
func (o *ssoSessions) session(next http.Handler, as types.Login) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.vim != "" {
		return o.vim
	}
	body := fmt.Sprintf(`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>%s</userName><password>%s</password></Login></Body></Envelope>`, as.UserName, as.Password)
	login, err := http.NewRequest(http.MethodPost, "/sdk", strings.NewReader(body))
	if err != nil {
		return ""
	}
	bw := &bufWriter{h: http.Header{}}
	next.ServeHTTP(bw, login)
	for _, c := range (&http.Response{Header: bw.h}).Cookies() {
		if c.Name == soap.SessionCookieName {
			o.vim = c.Value
		}
	}
	return o.vim
}
