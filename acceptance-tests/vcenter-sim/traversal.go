package main

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// expand walks the traversals of a filter and puts the objects that they lead to in their place. The simulator follows a
// path from any object that has a property of that name, whatever type the traversal is for, and in circles indefinitely.
func expand(ctx *simulator.Context, specs []types.PropertyFilterSpec) []types.PropertyFilterSpec {
	out := make([]types.PropertyFilterSpec, len(specs))
	copy(out, specs)
	for i := range out {
		var objects []types.ObjectSpec
		walked := false
		for _, o := range out[i].ObjectSet {
			if len(o.SelectSet) == 0 || ctx.Map.Get(o.Obj) == nil || !simplePaths(o.SelectSet) {
				objects = append(objects, o)
				continue
			}
			walked = true
			w := walk{ctx: ctx, named: map[string]*types.TraversalSpec{}, seen: map[ref]map[*types.TraversalSpec]bool{}, listed: map[ref]bool{}}
			w.name(o.SelectSet)
			if o.Skip == nil || !*o.Skip {
				w.list(o.Obj)
			}
			w.from(o.Obj, o.SelectSet)
			for _, r := range w.found {
				objects = append(objects, types.ObjectSpec{Obj: r})
			}
		}
		out[i].ObjectSet = objects
		if walked && out[i].ReportMissingObjectsInResults == nil {
			out[i].ReportMissingObjectsInResults = bp(true) // what went away on the way is not there
		}
	}
	return out
}

// simplePaths reports whether all traversals follow properties that are not a part of another.
func simplePaths(set []types.BaseSelectionSpec) bool {
	for _, s := range set {
		if t, ok := s.(*types.TraversalSpec); ok && (strings.ContainsAny(t.Path, ".[") || !simplePaths(t.SelectSet)) {
			return false
		}
	}
	return true
}

type walk struct {
	ctx    *simulator.Context
	named  map[string]*types.TraversalSpec
	seen   map[ref]map[*types.TraversalSpec]bool
	listed map[ref]bool
	found  []ref
}

func (w *walk) name(set []types.BaseSelectionSpec) {
	for _, s := range set {
		if t, ok := s.(*types.TraversalSpec); ok {
			if t.Name != "" {
				w.named[t.Name] = t
			}
			w.name(t.SelectSet)
		}
	}
}

func (w *walk) list(r ref) {
	if !w.listed[r] {
		w.listed[r] = true
		w.found = append(w.found, r)
	}
}

func (w *walk) from(r ref, set []types.BaseSelectionSpec) {
	o := w.ctx.Map.Get(r)
	if o == nil {
		return
	}
	for _, s := range set {
		t, ok := s.(*types.TraversalSpec)
		if !ok {
			t = w.named[s.GetSelectionSpec().Name]
		}
		if t == nil || w.seen[r][t] || !isType(o, t.Type) {
			continue
		}
		if w.seen[r] == nil {
			w.seen[r] = map[*types.TraversalSpec]bool{}
		}
		w.seen[r][t] = true
		var next []ref
		w.ctx.WithLock(o, func() { next = refsOf(o, t.Path) })
		for _, n := range next {
			if w.ctx.Map.Get(n) == nil {
				continue
			}
			if t.Skip == nil || !*t.Skip {
				w.list(n)
			}
			w.from(n, t.SelectSet)
		}
	}
}

// isType reports whether an object is of a type, or of one that is derived from it.
func isType(o any, name string) bool {
	t := reflect.TypeOf(o)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == name || name == "VmwareDistributedVirtualSwitch" && t.Name() == "DistributedVirtualSwitch" {
		return true
	}
	f, ok := t.FieldByName(name)
	return ok && f.Anonymous
}

// refsOf are the references in a property.
func refsOf(o any, path string) []ref {
	v := reflect.ValueOf(o)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	name := strings.ToUpper(path[:1]) + path[1:]
	var f reflect.Value
	for { // a type that is embedded may have the name of the property
		f = v.FieldByName(name)
		if s, ok := v.Type().FieldByName(name); !ok || !s.Anonymous {
			break
		}
		v = f
	}
	if !f.IsValid() {
		return nil
	}
	switch x := f.Interface().(type) {
	case ref:
		return []ref{x}
	case *ref:
		if x != nil {
			return []ref{*x}
		}
	case []ref:
		return append([]ref{}, x...)
	}
	return nil
}
