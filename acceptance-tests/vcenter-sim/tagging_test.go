package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"
)

func TestTagsOverREST(t *testing.T) {
	w := newWorld(t)
	m := w.tags()
	cat, err := m.CreateCategory(w.ctx, &tags.Category{Name: "c", Cardinality: "SINGLE", AssociableTypes: []string{"urn:vim25:VirtualMachine", "Folder"}})
	w.ok(err)
	c, err := m.GetCategory(w.ctx, cat)
	w.ok(err)
	equal(w, c.AssociableTypes, []string{"VirtualMachine", "Folder"})
	_, err = m.CreateCategory(w.ctx, &tags.Category{Name: "c", Cardinality: "SINGLE"})
	if err == nil || !strings.Contains(err.Error(), "already_exists") {
		t.Fatal(err)
	}
	w.ok(m.UpdateCategory(w.ctx, &tags.Category{ID: cat, AssociableTypes: []string{"Datastore", "Folder", "VirtualMachine"}})) // any order
	if err := m.UpdateCategory(w.ctx, &tags.Category{ID: cat, AssociableTypes: []string{"Datastore"}}); err == nil {
		t.Fatal("associable types shrank")
	}
	one, err := m.CreateTag(w.ctx, &tags.Tag{Name: "one", CategoryID: cat})
	w.ok(err)
	two, err := m.CreateTag(w.ctx, &tags.Tag{Name: "two", CategoryID: cat})
	w.ok(err)
	vm := w.vm().Reference()
	w.ok(m.AttachTag(w.ctx, one, vm))
	w.ok(m.AttachTag(w.ctx, one, vm)) // no error
	for name, err := range map[string]error{
		"cardinality":   m.AttachTag(w.ctx, two, vm),
		"associability": m.AttachTag(w.ctx, two, w.sim.reg.Any("HostSystem")),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := m.AttachTag(w.ctx, two, ref{Type: "VirtualMachine", Value: "vm-4711"}); err == nil || !strings.Contains(err.Error(), "403") {
		t.Error(err)
	}
	folder := w.folder("vm").Reference()
	w.ok(m.AttachMultipleTagsToObject(w.ctx, []string{two}, folder))
	if err := m.AttachMultipleTagsToObject(w.ctx, []string{one, "urn:vmomi:InventoryServiceTag:deleted:GLOBAL"}, folder); err == nil {
		t.Error("batch without errors")
	}
	on, err := m.ListAttachedTagsOnObjects(w.ctx, []mo.Reference{vm, folder, w.root()})
	w.ok(err)
	got := []string{}
	for _, o := range on {
		got = append(got, fmt.Sprint(o.ObjectID.Reference().Value, o.TagIDs))
	}
	slices.Sort(got)
	want := []string{fmt.Sprint(vm.Value, []string{one}), fmt.Sprint(folder.Value, []string{two})}
	slices.Sort(want)
	equal(w, got, want)
	w.ok(m.DetachMultipleTagsFromObject(w.ctx, []string{one, two}, vm))
	list, err := m.ListAttachedTags(w.ctx, vm)
	w.ok(err)
	equal(w, len(list), 0)

	w.ok(m.DeleteCategory(w.ctx, c)) // with its tags
	all, err := m.ListTags(w.ctx)
	w.ok(err)
	equal(w, len(all), 0)
	if _, err := m.GetTag(w.ctx, one); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

func TestTagsOverAPI(t *testing.T) {
	w := newWorld(t)
	var token, cat, id string
	status, _ := w.http("POST", "/api/session", "user:pass", "", &token)
	equal(w, status, 201)
	var me map[string]any
	w.http("GET", "/api/session", token, "", &me)
	equal(w, me["user"], "user")

	call := func(verb, path, body string, want int, out any) {
		t.Helper()
		if status, _ := w.http(verb, "/api/cis/tagging"+path, token, body, out); status != want {
			t.Fatalf("%s %s: %d, want %d", verb, path, status, want)
		}
	}
	call("POST", "/category", `{"name":"c","description":"d","cardinality":"SINGLE","associable_types":[]}`, 201, &cat)
	var bad map[string]any
	call("POST", "/category", `{"name":"c","description":"d","cardinality":"SINGLE","associable_types":[]}`, 400, &bad)
	equal(w, bad["error_type"], "ALREADY_EXISTS")
	call("POST", "/tag", `{"name":"t","description":"","category_id":"`+cat+`"}`, 201, &id)
	call("PATCH", "/category/"+cat, `{"description":"e"}`, 204, nil)
	call("PATCH", "/category/"+cat, `{"cardinality":"MULTIPLE"}`, 204, nil)
	call("PATCH", "/category/"+cat, `{"cardinality":"SINGLE"}`, 400, nil)
	var c category
	call("GET", "/category/"+cat, "", 200, &c)
	equal(w, c, category{ID: cat, Name: "c", Description: "e", Cardinality: "MULTIPLE", Types: []string{}, UsedBy: []string{}})
	var ids []string
	call("GET", "/category", "", 200, &ids)
	equal(w, ids, []string{cat})
	call("POST", "/tag?action=list-tags-for-category", `{"category_id":"`+cat+`"}`, 200, &ids)
	equal(w, ids, []string{id})
	object := `"object_id":{"type":"VirtualMachine","id":"` + w.vm().Reference().Value + `"}`
	call("POST", "/tag-association/"+id+"?action=attach", `{`+object+`}`, 204, nil)
	call("POST", "/tag-association?action=list-attached-tags", `{`+object+`}`, 200, &ids)
	equal(w, ids, []string{id})
	var objects []taggedObject
	call("POST", "/tag-association/"+id+"?action=list-attached-objects", "", 200, &objects)
	equal(w, objects, []taggedObject{{"VirtualMachine", w.vm().Reference().Value}})
	var batch batchResult
	call("POST", "/tag-association?action=attach-multiple-tags-to-object", `{`+object+`,"tag_ids":["urn:vmomi:InventoryServiceTag:x:GLOBAL"]}`, 200, &batch)
	equal(w, []any{batch.Success, batch.Messages[0].ID}, []any{false, "cis.tagging.objectNotFound.error"})
	call("POST", "/category/"+cat+"?action=add-to-used-by", `{"used_by_entity":"me"}`, 204, nil)
	call("POST", "/category?action=list-used-categories", `{"used_by_entity":"me"}`, 200, &ids)
	equal(w, ids, []string{cat})
	call("DELETE", "/tag/"+id, "", 204, nil)
	call("GET", "/tag/"+id, "", 404, &bad)
	equal(w, bad["error_type"], "NOT_FOUND")

	status, _ = w.http("DELETE", "/api/session", token, "", nil)
	equal(w, status, 204)
	call("GET", "/category", "", 401, &bad)
	equal(w, bad["error_type"], "UNAUTHENTICATED")
}

func TestRESTDialects(t *testing.T) {
	for _, c := range []struct {
		dialect   string
		rest, api int
	}{{"both", 200, 201}, {"rest", 200, 404}, {"api", 404, 201}} {
		w := newWorld(t, func(cfg *config) { cfg.dialect = c.dialect })
		status, _ := w.http("POST", restSession, "user:pass", "", nil)
		equal(w, status, c.rest)
		status, _ = w.http("POST", apiSession, "user:pass", "", nil)
		equal(w, status, c.api)
	}
}

func TestTagsGoWithTheObject(t *testing.T) {
	w := newWorld(t)
	m := w.tags()
	cat, err := m.CreateCategory(w.ctx, &tags.Category{Name: "c", Cardinality: "MULTIPLE"})
	w.ok(err)
	id, err := m.CreateTag(w.ctx, &tags.Tag{Name: "t", CategoryID: cat})
	w.ok(err)
	f, err := w.folder("vm").CreateFolder(w.ctx, "f")
	w.ok(err)
	w.ok(m.AttachTag(w.ctx, id, f))
	w.ok(w.wait(f.Destroy(w.ctx)))
	objects, err := m.ListAttachedObjects(w.ctx, id)
	w.ok(err)
	equal(w, len(objects), 0)
}
