package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// xCollector waits for updates as vCenter does: a version identifies a state, and a caller gets all that changed
// since its version. In the simulator an update goes to the one waiter that comes first, filters made at the same time get lost,
// and changes that were not announced are not seen.
type xCollector struct {
	*simulator.PropertyCollector
	s       *sim
	session *simulator.Session // as it was before the wrapper got into it: filters and views are in its registry
}

// xFilter is here for the lock alone.
type xFilter struct {
	*simulator.PropertyFilter
	s       *sim
	session *simulator.Session
}

// collectorWrapper returns the wrapper for calls that concern waiting.
func (s *sim) collectorWrapper(ctx *simulator.Context, m *simulator.Method) mo.Reference {
	s.pcMu.Lock()
	defer s.pcMu.Unlock()
	session := *ctx.Session
	switch m.This.Type {
	case "PropertyCollector": // asking makes the session's own, once
		if pc, ok := ctx.Session.Get(m.This).(*simulator.PropertyCollector); ok {
			switch m.Name {
			case "WaitForUpdatesEx", "CancelWaitForUpdates", "CreateFilter", "DestroyPropertyCollector", "RetrievePropertiesEx", "ContinueRetrievePropertiesEx", "RetrieveProperties":
				return &xCollector{pc, s, &session}
			}
		}
	case "PropertyFilter":
		if f, ok := ctx.Session.Get(m.This).(*simulator.PropertyFilter); ok {
			return &xFilter{f, s, &session}
		}
	}
	return nil
}

func (x *xCollector) CreateFilter(ctx *simulator.Context, req *types.CreateFilter) soap.HasFault {
	x.s.pcMu.Lock()
	defer x.s.pcMu.Unlock()
	ctx.Session = x.session
	return x.PropertyCollector.CreateFilter(ctx, req)
}

// unreadable takes out what is not there, and says of what vCenter cannot read that it is missing, and why: the environment browser of a template
// (recorded of a vCenter 7.0, and known of others).
func unreadable(ctx *simulator.Context, objects []types.ObjectContent) {
	for i := range objects {
		vm, ok := ctx.Map.Get(objects[i].Obj).(*simulator.VirtualMachine)
		if ok && vm.ParentVApp != nil { // it is in no folder; the simulator cannot do without one
			objects[i].PropSet = slices.DeleteFunc(slices.Clone(objects[i].PropSet), func(p types.DynamicProperty) bool { return p.Name == "parent" })
		}
		if !ok || vm.Config == nil || !vm.Config.Template {
			continue
		}
		set := objects[i].PropSet
		objects[i].PropSet = slices.DeleteFunc(slices.Clone(set), func(p types.DynamicProperty) bool { return p.Name == "environmentBrowser" })
		if len(objects[i].PropSet) < len(set) {
			objects[i].MissingSet = append(objects[i].MissingSet, types.MissingProperty{
				Path: "environmentBrowser", Fault: types.LocalizedMethodFault{Fault: &types.SystemError{Reason: "unexpected error reading property"}},
			})
		}
	}
}

func (x *xCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	ctx.Session = x.session
	expanded := *req
	expanded.SpecSet = expand(ctx, req.SpecSet)
	r := x.PropertyCollector.RetrievePropertiesEx(ctx, &expanded)
	if res := r.(*methods.RetrievePropertiesExBody).Res; res != nil && res.Returnval != nil {
		unreadable(ctx, res.Returnval.Objects)
	}
	return r
}

func (x *xCollector) ContinueRetrievePropertiesEx(ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	ctx.Session = x.session
	r := x.PropertyCollector.ContinueRetrievePropertiesEx(ctx, req)
	if res := r.(*methods.ContinueRetrievePropertiesExBody).Res; res != nil {
		unreadable(ctx, res.Returnval.Objects)
	}
	return r
}

func (x *xCollector) RetrieveProperties(ctx *simulator.Context, req *types.RetrieveProperties) soap.HasFault {
	ctx.Session = x.session
	expanded := *req
	expanded.SpecSet = expand(ctx, req.SpecSet)
	r := x.PropertyCollector.RetrieveProperties(ctx, &expanded)
	if res := r.(*methods.RetrievePropertiesBody).Res; res != nil {
		unreadable(ctx, res.Returnval)
	}
	return r
}

func (x *xFilter) DestroyPropertyFilter(ctx *simulator.Context, req *types.DestroyPropertyFilter) soap.HasFault {
	x.s.pcMu.Lock()
	defer x.s.pcMu.Unlock()
	ctx.Session = x.session
	return x.PropertyFilter.DestroyPropertyFilter(ctx, req)
}

func (x *xCollector) DestroyPropertyCollector(ctx *simulator.Context, req *types.DestroyPropertyCollector) soap.HasFault {
	x.state().stop()
	x.s.collectors.Delete(x.PropertyCollector)
	x.s.pcMu.Lock()
	defer x.s.pcMu.Unlock()
	ctx.Session = x.session
	return x.PropertyCollector.DestroyPropertyCollector(ctx, req)
}

func (x *xCollector) CancelWaitForUpdates(*simulator.Context, *types.CancelWaitForUpdates) soap.HasFault {
	x.state().stop()
	return &methods.CancelWaitForUpdatesBody{Res: &types.CancelWaitForUpdatesResponse{}}
}

func (x *xCollector) state() *collectorState {
	st, _ := x.s.collectors.LoadOrStore(x.PropertyCollector, &collectorState{filters: map[ref]filterState{}, cancel: make(chan struct{})})
	return st.(*collectorState)
}

// collectorState is what a collector has seen, with the version at which each part changed last.
type collectorState struct {
	mu      sync.Mutex
	version int64
	filters map[ref]filterState
	cancel  chan struct{} // closed to send the waiters home
	looked  time.Time
	at      []ref // the filters then
}

type filterState map[ref]*objectState

type objectState struct {
	entered, changed int64
	left             bool
	paths            map[string]*pathState
}

type pathState struct {
	changed int64
	print   string // to compare with: the value itself may be changed in place
	value   types.AnyType
}

func (st *collectorState) stop() {
	st.mu.Lock()
	defer st.mu.Unlock()
	close(st.cancel)
	st.cancel = make(chan struct{})
}

func fingerprint(v types.AnyType) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(b)
}

// look compares the inventory with what was seen before.
func (st *collectorState) look(ctx *simulator.Context, x *xCollector, force bool) types.BaseMethodFault {
	x.s.pcMu.Lock()
	filters := slices.Clone(x.Filter)
	x.s.pcMu.Unlock()
	if !force && time.Since(st.looked) < 15*time.Millisecond && slices.Equal(filters, st.at) {
		return nil // another waiter just has
	}
	st.looked, st.at = time.Now(), filters
	for f := range st.filters {
		if !slices.Contains(filters, f) {
			delete(st.filters, f)
		}
	}
	for _, f := range filters {
		filter, ok := ctx.Session.Get(f).(*simulator.PropertyFilter)
		if !ok {
			continue
		}
		body := x.RetrievePropertiesEx(ctx, &types.RetrievePropertiesEx{This: x.Self, SpecSet: []types.PropertyFilterSpec{filter.Spec}}).(*methods.RetrievePropertiesExBody)
		var objects []types.ObjectContent
		if body.Fault_ == nil {
			if body.Res.Returnval != nil {
				objects = body.Res.Returnval.Objects
			}
		} else if _, missing := body.Fault_.VimFault().(*types.ManagedObjectNotFound); !missing {
			if bad, ok := body.Fault_.VimFault().(types.BaseMethodFault); ok {
				return bad
			}
		}
		st.merge(f, objects)
	}
	return nil
}

func (st *collectorState) merge(f ref, objects []types.ObjectContent) {
	seen := st.filters[f]
	if seen == nil {
		seen = filterState{}
		st.filters[f] = seen
	}
	here := map[ref]bool{}
	for _, o := range objects {
		here[o.Obj] = true
		old := seen[o.Obj]
		if old == nil || old.left {
			st.version++
			old = &objectState{entered: st.version, changed: st.version, paths: map[string]*pathState{}}
			seen[o.Obj] = old
			for _, p := range o.PropSet {
				old.paths[p.Name] = &pathState{st.version, fingerprint(p.Val), p.Val}
			}
			continue
		}
		var changes []func(int64)
		set := map[string]bool{}
		for _, p := range o.PropSet {
			set[p.Name] = true
			if was, print := old.paths[p.Name], fingerprint(p.Val); was == nil || was.print != print {
				changes = append(changes, func(v int64) { old.paths[p.Name] = &pathState{v, print, p.Val} })
			}
		}
		for name, was := range old.paths {
			if !set[name] && was.value != nil {
				changes = append(changes, func(v int64) { old.paths[name] = &pathState{changed: v} })
			}
		}
		if len(changes) > 0 {
			st.version++
			old.changed = st.version
			for _, change := range changes {
				change(st.version)
			}
		}
	}
	for o, old := range seen {
		if !here[o] && !old.left {
			st.version++
			old.left, old.changed = true, st.version
		}
	}
}

// since lists what changed after a version, oldest first and not more than a number of objects.
func (st *collectorState) since(version int64, limit int) *types.UpdateSet {
	type change struct {
		filter, object ref
		*objectState
	}
	var changes []change
	for f, objects := range st.filters {
		for o, s := range objects {
			if s.changed > version && (!s.left || s.entered <= version) {
				changes = append(changes, change{f, o, s})
			}
		}
	}
	if len(changes) == 0 {
		return nil
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.changed - b.changed) })
	set := &types.UpdateSet{Version: strconv.FormatInt(st.version, 10)}
	if len(changes) > limit {
		changes = changes[:limit]
		set.Version = strconv.FormatInt(changes[limit-1].changed, 10)
		set.Truncated = bp(true)
	}
	for _, c := range changes {
		u := types.ObjectUpdate{Obj: c.object, Kind: types.ObjectUpdateKindModify}
		if c.entered > version {
			u.Kind = types.ObjectUpdateKindEnter
		}
		if c.left {
			u.Kind = types.ObjectUpdateKindLeave
		}
		for _, name := range sortedKeys(c.paths) {
			p := c.paths[name]
			if c.left || p.changed <= version || u.Kind == types.ObjectUpdateKindEnter && p.value == nil {
				continue
			}
			u.ChangeSet = append(u.ChangeSet, types.PropertyChange{Name: name, Op: types.PropertyChangeOpAssign, Val: p.value})
		}
		i := slices.IndexFunc(set.FilterSet, func(f types.PropertyFilterUpdate) bool { return f.Filter == c.filter })
		if i < 0 {
			i = len(set.FilterSet)
			set.FilterSet = append(set.FilterSet, types.PropertyFilterUpdate{Filter: c.filter})
		}
		set.FilterSet[i].ObjectSet = append(set.FilterSet[i].ObjectSet, u)
	}
	return set
}

func (x *xCollector) WaitForUpdatesEx(ctx *simulator.Context, req *types.WaitForUpdatesEx) soap.HasFault {
	body := &methods.WaitForUpdatesExBody{}
	ctx.Session = x.session
	st := x.state()
	var version int64
	if v := strings.TrimSpace(req.Version); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			body.Fault_ = fault(&types.InvalidCollectorVersion{})
			return body
		}
		version = n
	}
	limit := 100 // vCenter's own
	var deadline <-chan time.Time
	once := false
	if o := req.Options; o != nil {
		if o.MaxObjectUpdates > 0 && o.MaxObjectUpdates < 100 {
			limit = int(o.MaxObjectUpdates)
		}
		if o.MaxWaitSeconds != nil {
			once = *o.MaxWaitSeconds <= 0
			deadline = time.After(time.Duration(*o.MaxWaitSeconds) * time.Second)
		}
	}
	st.mu.Lock()
	cancel := st.cancel
	st.mu.Unlock()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		st.mu.Lock()
		bad := st.look(ctx, x, n == 0)
		var set *types.UpdateSet
		if bad == nil {
			set = st.since(version, limit)
		}
		st.mu.Unlock()
		switch {
		case bad != nil:
			body.Fault_ = fault(bad)
			return body
		case set != nil || once:
			body.Res = &types.WaitForUpdatesExResponse{Returnval: set}
			return body
		case n%25 == 24 && !x.s.alive(x.session.Key):
			body.Fault_ = fault(&types.NotAuthenticated{NoPermission: types.NoPermission{Object: &req.This, PrivilegeId: "System.View"}})
			return body
		}
		if n == 50 {
			tick.Reset(50 * time.Millisecond)
		}
		select {
		case <-deadline:
			body.Res = &types.WaitForUpdatesExResponse{}
			return body
		case <-cancel:
			body.Fault_ = fault(&types.RequestCanceled{})
			return body
		case <-tick.C:
		}
	}
}

// alive reports whether a session still exists.
func (s *sim) alive(key string) bool {
	return slices.ContainsFunc(s.sessions(), func(u types.UserSession) bool { return u.Key == key })
}
