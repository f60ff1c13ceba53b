package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// category and tag as both REST trees show them.
type category struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Cardinality string   `json:"cardinality"`
	Types       []string `json:"associable_types"`
	UsedBy      []string `json:"used_by"`
}

type tag struct {
	ID          string   `json:"id"`
	CategoryID  string   `json:"category_id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	UsedBy      []string `json:"used_by"`
}

// taggedObject is a managed object as the tagging service names it.
type taggedObject struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (o taggedObject) ref() ref { return ref{Type: o.Type, Value: o.ID} }

// tagStore is the tagging service. The simulator's knows one of the two REST trees, no cardinality, no associable
// types, no used_by, and answers errors without a body.
type tagStore struct {
	mu         sync.Mutex
	agent      string // of the request that is served, see may
	sim        *sim
	categories map[string]*category
	tags       map[string]*tag
	attached   map[string]map[taggedObject]bool // by tag
}

func newTagStore(s *sim) *tagStore {
	return &tagStore{sim: s, categories: map[string]*category{}, tags: map[string]*tag{}, attached: map[string]map[taggedObject]bool{}}
}

// apiError is an error of the vAPI run time.
type apiError struct {
	status  int
	kind    string // not_found, already_exists, ...
	id      string // of the message
	message string
	args    []string
}

func errNotFound(id string) *apiError {
	return &apiError{http.StatusNotFound, "not_found", "cis.tagging.objectNotFound.error", "Tagging object " + id + " not found", []string{id}}
}

func errInvalid(id, message string, args ...string) *apiError {
	return &apiError{http.StatusBadRequest, "invalid_argument", id, message, args}
}

func errExists(name string) *apiError {
	return &apiError{http.StatusBadRequest, "already_exists", "cis.tagging.duplicateName.error", "An object with the name " + name + " already exists", []string{name}}
}

func errUnauthorized(privilege string) *apiError {
	return &apiError{http.StatusForbidden, "unauthorized", "vapi.security.authorization.permission.denied", "Permission to perform this operation denied: " + privilege, []string{privilege}}
}

func errUnauthenticated() *apiError {
	return &apiError{http.StatusUnauthorized, "unauthenticated", "com.vmware.vapi.endpoint.method.authentication.required", "Authentication required.", nil}
}

// write encodes the error as the tree does: /rest names the class, /api the error type.
func (e *apiError) write(w http.ResponseWriter, api bool) {
	args := e.args
	if args == nil {
		args = []string{}
	}
	body := map[string]any{
		"error_type": strings.ToUpper(e.kind),
		"messages":   []any{map[string]any{"id": e.id, "default_message": e.message, "args": args}},
	}
	if !api {
		body = map[string]any{"type": "com.vmware.vapi.std.errors." + e.kind, "value": body}
	}
	w.Header().Set("Content-Type", "application/json")
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="VAPI endpoint"`)
	}
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(body)
}

// spec is the union of the request bodies. What is absent stays nil.
type spec struct {
	ID          string
	Name        *string        `json:"name"`
	Description *string        `json:"description"`
	Cardinality *string        `json:"cardinality"`
	Types       *[]string      `json:"associable_types"`
	CategoryID  string         `json:"category_id"`
	TagID       string         `json:"tag_id"`
	UsedBy      string         `json:"used_by_entity"`
	Object      *taggedObject  `json:"object_id"`
	Objects     []taggedObject `json:"object_ids"`
	Tags        []string       `json:"tag_ids"`

	Create *spec `json:"create_spec"` // the /rest tree wraps
	Update *spec `json:"update_spec"`
}

func (s *spec) name() string        { return deref(s.Name) }
func (s *spec) description() string { return deref(s.Description) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

const (
	restTagging = "/rest/com/vmware/cis/tagging/"
	apiTagging  = "/api/cis/tagging/"
)

// ServeHTTP answers both trees: /rest/com/vmware/cis/tagging with ids as "id:..." and actions as "~action", values
// wrapped; /api/cis/tagging with bare ids, bare values, and 201 and 204 where there is something new or nothing to say.
func (t *tagStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, api := strings.CutPrefix(r.URL.Path, apiTagging)
	action := r.URL.Query().Get("action")
	if !api {
		path = strings.TrimPrefix(r.URL.Path, restTagging)
		action = r.URL.Query().Get("~action")
	}
	kind, id, _ := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	if !api {
		bare, ok := strings.CutPrefix(id, "id:")
		if id != "" && !ok {
			http.NotFound(w, r)
			return
		}
		id = bare
	}
	var body spec
	if r.ContentLength != 0 && r.Method != http.MethodGet && r.Method != http.MethodDelete {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			errInvalid("com.vmware.vapi.rest.httpJsonDecode", "Cannot parse the request body").write(w, api)
			return
		}
	}
	s := &body
	if body.Create != nil {
		s = body.Create
	} else if body.Update != nil {
		s = body.Update
	}
	s.ID = id

	t.mu.Lock()
	var value any
	var bad *apiError
	user := t.sim.rest.user(r)
	t.agent = r.UserAgent()
	method := r.Method
	if id != "" {
		method += " id"
	}
	if action != "" {
		method = action
	}
	switch kind {
	case "category":
		value, bad = t.category(user, method, s)
	case "tag":
		value, bad = t.tag(user, method, s)
	case "tag-association":
		value, bad = t.association(user, method, s)
	default:
		bad = &apiError{http.StatusNotFound, "operation_not_found", "com.vmware.vapi.rest.operationNotFound", "Operation not found", nil}
	}
	t.mu.Unlock()

	switch {
	case bad != nil:
		bad.write(w, api)
	case api && value == nil:
		w.WriteHeader(http.StatusNoContent)
	case value == nil:
		w.WriteHeader(http.StatusOK)
	default:
		w.Header().Set("Content-Type", "application/json")
		if api && action == "" && r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		if !api {
			value = map[string]any{"value": value}
		}
		_ = json.NewEncoder(w).Encode(value)
	}
}

// may checks a tagging privilege, on the root folder where categories and tags live.
func (t *tagStore) may(user, privilege string, on ...ref) *apiError {
	a := t.sim.authz
	if a == nil {
		return nil
	}
	if len(on) == 0 {
		on = []ref{a.root}
	}
	for _, r := range on {
		list := []need{{r, "InventoryService.Tagging." + privilege}}
		a.ask(t.agent, list)
		if t.sim.enforce && a.check(user, list) != nil {
			return errUnauthorized("InventoryService.Tagging." + privilege)
		}
	}
	return nil
}

var methodNotAllowed = &apiError{http.StatusNotFound, "operation_not_found", "com.vmware.vapi.rest.operationNotFound", "Operation not found", nil}

// stripURN: types may be given as urn:vim25:Folder and are stored and returned as Folder.
func stripURN(list []string) []string {
	out := []string{}
	for _, s := range list {
		s = strings.TrimPrefix(s, "urn:vim25:")
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func newID(kind, given string) (string, *apiError) {
	prefix := "urn:vmomi:InventoryService" + kind + ":"
	if given != "" {
		if !strings.HasPrefix(given, prefix) {
			return "", errInvalid("cis.tagging.invalidId.error", "Invalid identifier "+given, given)
		}
		return given, nil
	}
	return prefix + uuid.NewString() + ":GLOBAL", nil
}

func usedBy(list *[]string, method, who string) {
	*list = slices.DeleteFunc(*list, func(s string) bool { return s == who })
	if method == "add-to-used-by" {
		*list = append(*list, who)
	}
}

func (t *tagStore) category(user, method string, s *spec) (any, *apiError) {
	c := t.categories[s.ID]
	if s.ID != "" && c == nil {
		return nil, errNotFound(s.ID)
	}
	duplicate := func() bool {
		for _, o := range t.categories {
			if o != c && o.Name == s.name() {
				return true
			}
		}
		return false
	}
	switch method {
	case "GET":
		return sortedKeys(t.categories), nil
	case "POST":
		if bad := t.may(user, "CreateCategory"); bad != nil {
			return nil, bad
		}
		if s.name() == "" {
			return nil, errInvalid("cis.tagging.emptyName.error", "The name must not be empty")
		}
		card := deref(s.Cardinality)
		if card != "SINGLE" && card != "MULTIPLE" {
			return nil, errInvalid("cis.tagging.invalidCardinality.error", "Invalid cardinality "+card, card)
		}
		if duplicate() {
			return nil, errExists(s.name())
		}
		id, bad := newID("Category", s.CategoryID)
		if bad != nil {
			return nil, bad
		}
		n := &category{ID: id, Name: s.name(), Description: s.description(), Cardinality: card, Types: []string{}, UsedBy: []string{}}
		if s.Types != nil {
			n.Types = stripURN(*s.Types)
		}
		t.categories[id] = n
		return id, nil
	case "GET id":
		return *c, nil
	case "PATCH id":
		if bad := t.may(user, "EditCategory"); bad != nil {
			return nil, bad
		}
		if s.Name != nil && (s.name() == "" || duplicate()) {
			return nil, errExists(s.name())
		}
		if s.Cardinality != nil && *s.Cardinality != c.Cardinality && *s.Cardinality != "MULTIPLE" {
			return nil, errInvalid("cis.tagging.cardinality.update.error", "The cardinality can only be changed to MULTIPLE")
		}
		if s.Types != nil { // the set can only grow; empty stands for every type
			list := stripURN(*s.Types)
			shrinks := len(c.Types) == 0 && len(list) > 0
			for _, x := range c.Types {
				shrinks = shrinks || len(list) > 0 && !slices.Contains(list, x)
			}
			if shrinks {
				return nil, errInvalid("cis.tagging.associableTypes.update.error", "Associable types cannot be removed from a category")
			}
			c.Types = list
		}
		if s.Name != nil {
			c.Name = *s.Name
		}
		if s.Description != nil {
			c.Description = *s.Description
		}
		if s.Cardinality != nil {
			c.Cardinality = *s.Cardinality
		}
		return nil, nil
	case "DELETE id": // with its tags
		if bad := t.may(user, "DeleteCategory"); bad != nil {
			return nil, bad
		}
		for id, g := range t.tags {
			if g.CategoryID == c.ID {
				delete(t.tags, id)
				delete(t.attached, id)
			}
		}
		delete(t.categories, c.ID)
		return nil, nil
	case "list-used-categories":
		list := []string{}
		for _, id := range sortedKeys(t.categories) {
			if slices.Contains(t.categories[id].UsedBy, s.UsedBy) {
				list = append(list, id)
			}
		}
		return list, nil
	case "add-to-used-by", "remove-from-used-by":
		if c == nil {
			return nil, errNotFound("")
		}
		if bad := t.may(user, "ModifyUsedByForCategory"); bad != nil {
			return nil, bad
		}
		usedBy(&c.UsedBy, method, s.UsedBy)
		return nil, nil
	}
	return nil, methodNotAllowed
}

func (t *tagStore) tag(user, method string, s *spec) (any, *apiError) {
	if method == "list-tags-for-category" { // /rest has the category in the path, /api in the body
		id := s.ID
		if id == "" {
			id = s.CategoryID
		}
		if t.categories[id] == nil {
			return nil, errNotFound(id)
		}
		list := []string{}
		for _, k := range sortedKeys(t.tags) {
			if t.tags[k].CategoryID == id {
				list = append(list, k)
			}
		}
		return list, nil
	}
	g := t.tags[s.ID]
	if s.ID != "" && g == nil {
		return nil, errNotFound(s.ID)
	}
	duplicate := func(inCategory string) bool {
		for _, o := range t.tags {
			if o != g && o.Name == s.name() && o.CategoryID == inCategory {
				return true
			}
		}
		return false
	}
	switch method {
	case "GET":
		return sortedKeys(t.tags), nil
	case "POST":
		if t.categories[s.CategoryID] == nil {
			return nil, errNotFound(s.CategoryID)
		}
		if bad := t.may(user, "CreateTag"); bad != nil {
			return nil, bad
		}
		if s.name() == "" {
			return nil, errInvalid("cis.tagging.emptyName.error", "The name must not be empty")
		}
		if duplicate(s.CategoryID) {
			return nil, errExists(s.name())
		}
		id, bad := newID("Tag", s.TagID)
		if bad != nil {
			return nil, bad
		}
		t.tags[id] = &tag{ID: id, CategoryID: s.CategoryID, Name: s.name(), Description: s.description(), UsedBy: []string{}}
		t.attached[id] = map[taggedObject]bool{}
		return id, nil
	case "GET id":
		return *g, nil
	case "PATCH id":
		if bad := t.may(user, "EditTag"); bad != nil {
			return nil, bad
		}
		if s.Name != nil {
			if s.name() == "" || duplicate(g.CategoryID) {
				return nil, errExists(s.name())
			}
			g.Name = *s.Name
		}
		if s.Description != nil {
			g.Description = *s.Description
		}
		return nil, nil
	case "DELETE id":
		if bad := t.may(user, "DeleteTag"); bad != nil {
			return nil, bad
		}
		delete(t.tags, g.ID)
		delete(t.attached, g.ID)
		return nil, nil
	case "list-used-tags":
		list := []string{}
		for _, id := range sortedKeys(t.tags) {
			if slices.Contains(t.tags[id].UsedBy, s.UsedBy) {
				list = append(list, id)
			}
		}
		return list, nil
	case "add-to-used-by", "remove-from-used-by":
		if g == nil {
			return nil, errNotFound("")
		}
		if bad := t.may(user, "ModifyUsedByForTag"); bad != nil {
			return nil, bad
		}
		usedBy(&g.UsedBy, method, s.UsedBy)
		return nil, nil
	}
	return nil, methodNotAllowed
}

// tagsOn lists the tags of an object.
func (t *tagStore) tagsOn(o taggedObject) []string {
	list := []string{}
	for _, id := range sortedKeys(t.attached) {
		if t.attached[id][t.stored(o)] {
			list = append(list, id)
		}
	}
	return list
}

func (t *tagStore) objectsOf(id string) []taggedObject {
	list := []taggedObject{}
	for o := range t.attached[id] {
		o.Type = outerType(o.Type)
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b taggedObject) int { return strings.Compare(a.Type+a.ID, b.Type+b.ID) })
	return list
}

// stored maps the type a client uses to the one of the simulator's inventory.
func (t *tagStore) stored(o taggedObject) taggedObject {
	if o.Type == "VmwareDistributedVirtualSwitch" {
		o.Type = "DistributedVirtualSwitch"
	}
	return o
}

func outerType(t string) string {
	if t == "DistributedVirtualSwitch" {
		return "VmwareDistributedVirtualSwitch"
	}
	return t
}

// attach checks what vCenter checks: the object exists, its type may carry the tag, and a category of cardinality
// SINGLE has no other tag on it. Attaching twice is not an error.
func (t *tagStore) attach(user, id string, o taggedObject) *apiError {
	o = t.stored(o)
	g := t.tags[id]
	if g == nil {
		return errNotFound(id)
	}
	if t.sim.reg.Get(o.ref()) == nil { // an object that does not exist cannot be tagged
		return errUnauthorized("System.Read")
	}
	if bad := t.may(user, "AttachTag", o.ref()); bad != nil {
		return bad
	}
	c := t.categories[g.CategoryID]
	if len(c.Types) > 0 && !slices.Contains(c.Types, o.Type) && !slices.Contains(c.Types, outerType(o.Type)) {
		return errInvalid("cis.tagging.associability.error", "Tagging associability violation", o.Type)
	}
	if c.Cardinality == "SINGLE" {
		for _, other := range t.tagsOn(o) {
			if other != id && t.tags[other].CategoryID == c.ID {
				return errInvalid("cis.tagging.cardinality.error", "Tagging cardinality violation", c.ID)
			}
		}
	}
	t.attached[id][o] = true
	return nil
}

func (t *tagStore) detach(user, id string, o taggedObject) *apiError {
	o = t.stored(o)
	if t.tags[id] == nil {
		return errNotFound(id)
	}
	if t.sim.reg.Get(o.ref()) == nil {
		return errUnauthorized("System.Read")
	}
	if bad := t.may(user, "AttachTag", o.ref()); bad != nil {
		return bad
	}
	delete(t.attached[id], o)
	return nil
}

// batchResult is the answer of the batch actions: they do what they can and list what they could not.
type batchResult struct {
	Success  bool           `json:"success"`
	Messages []batchMessage `json:"error_messages"`
}

type batchMessage struct {
	ID      string   `json:"id"`
	Message string   `json:"default_message"`
	Args    []string `json:"args"`
}

func (b *batchResult) add(e *apiError) {
	if e == nil {
		return
	}
	args := e.args
	if args == nil {
		args = []string{}
	}
	b.Success = false
	b.Messages = append(b.Messages, batchMessage{e.id, e.message, args})
}

func (t *tagStore) association(user, method string, s *spec) (any, *apiError) {
	if s.ID != "" && t.tags[s.ID] == nil {
		return nil, errNotFound(s.ID)
	}
	needsObject := map[string]bool{"attach": true, "detach": true, "list-attached-tags": true, "list-attachable-tags": true, "attach-multiple-tags-to-object": true, "detach-multiple-tags-from-object": true}
	if needsObject[method] && s.Object == nil {
		return nil, errInvalid("vapi.data.structure.field.missing", "Structure is missing a field: object_id", "object_id")
	}
	// A missing object is a 403 of the whole call, even of one about many (reported of 6.7U3 for the attachment); what it
	// does to a list is not known.
	if t.sim.tagging != "skip" {
		objects := s.Objects
		if s.Object != nil && method != "list-attached-tags" && method != "list-attachable-tags" {
			objects = append(slices.Clone(objects), *s.Object)
		}
		for _, o := range objects {
			if t.sim.reg.Get(t.stored(o).ref()) == nil {
				return nil, errUnauthorized("System.Read")
			}
		}
	}
	result := &batchResult{Success: true, Messages: []batchMessage{}}
	switch method {
	case "attach":
		return nil, t.attach(user, s.ID, *s.Object)
	case "detach":
		return nil, t.detach(user, s.ID, *s.Object)
	case "attach-multiple-tags-to-object":
		for _, id := range s.Tags {
			result.add(t.attach(user, id, *s.Object))
		}
		return result, nil
	case "detach-multiple-tags-from-object":
		for _, id := range s.Tags {
			result.add(t.detach(user, id, *s.Object))
		}
		return result, nil
	case "attach-tag-to-multiple-objects":
		for _, o := range s.Objects {
			result.add(t.attach(user, s.ID, o))
		}
		return result, nil
	case "detach-tag-from-multiple-objects":
		for _, o := range s.Objects {
			result.add(t.detach(user, s.ID, o))
		}
		return result, nil
	case "list-attached-tags":
		return t.tagsOn(*s.Object), nil
	case "list-attached-tags-on-objects":
		list := []any{}
		for _, o := range s.Objects {
			if on := t.tagsOn(o); len(on) > 0 || t.sim.tagging == "skip" {
				list = append(list, map[string]any{"object_id": o, "tag_ids": on})
			}
		}
		return list, nil
	case "list-attached-objects":
		return t.objectsOf(s.ID), nil
	case "list-attached-objects-on-tags":
		list := []any{}
		for _, id := range s.Tags {
			list = append(list, map[string]any{"tag_id": id, "object_ids": t.objectsOf(id)})
		}
		return list, nil
	case "list-attachable-tags":
		o := t.stored(*s.Object)
		list := []string{}
		for _, id := range sortedKeys(t.tags) {
			c := t.categories[t.tags[id].CategoryID]
			if len(c.Types) == 0 || slices.Contains(c.Types, o.Type) || slices.Contains(c.Types, outerType(o.Type)) {
				list = append(list, id)
			}
		}
		return list, nil
	}
	return nil, methodNotAllowed
}

// forget drops the tags of an object that no longer exists.
func (t *tagStore) forget(r ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, objects := range t.attached {
		delete(objects, taggedObject{r.Type, r.Value})
	}
}

// The simulator's own objects (tag specs of virtual machines, first class disks) reach the tagging service through
// these six methods.

// exists reports whether there is a tag with this ID.
func (t *tagStore) exists(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tags[id] != nil
}

func (t *tagStore) AttachedObjects(id string) ([]ref, types.BaseMethodFault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tags[id] == nil {
		return nil, &types.NotFound{}
	}
	var list []ref
	for o := range t.attached[id] {
		list = append(list, o.ref())
	}
	return list, nil
}

func (t *tagStore) AttachedTags(r ref) ([]string, types.BaseMethodFault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tagsOn(taggedObject{r.Type, r.Value}), nil
}

func (t *tagStore) AttachTag(r ref, id string) types.BaseMethodFault {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tags[id] == nil {
		return &types.NotFound{}
	}
	t.attached[id][taggedObject{r.Type, r.Value}] = true
	return nil
}

func (t *tagStore) DetachTag(r ref, id string) types.BaseMethodFault {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tags[id] == nil {
		return &types.NotFound{}
	}
	delete(t.attached[id], taggedObject{r.Type, r.Value})
	return nil
}

func (t *tagStore) GetTagByCategoryAndName(categoryName, name string) (string, types.BaseMethodFault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, g := range t.tags {
		if g.Name == name && t.categories[g.CategoryID].Name == categoryName {
			return id, nil
		}
	}
	return "", &types.NotFound{}
}

func (t *tagStore) GetTagCategoryAndName(id string) (string, string, types.BaseMethodFault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.tags[id]
	if g == nil {
		return "", "", &types.NotFound{}
	}
	return g.CategoryID, g.Name, nil
}

// register puts the service in front of the simulator's own, for longer paths win.
func (t *tagStore) register(s *simulator.Service) {
	if t.sim.dialect != "api" {
		s.Handle(restTagging, t)
	}
	if t.sim.dialect != "rest" {
		s.Handle(apiTagging, t)
	}
}
