package main

import (
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fieldsFor returns the custom fields an object of a type can have.
func fieldsFor(fields []types.CustomFieldDef, kind string) []types.CustomFieldDef {
	var list []types.CustomFieldDef
	for _, f := range fields {
		if f.ManagedObjectType == "" || f.ManagedObjectType == kind || f.ManagedObjectType == outerType(kind) {
			list = append(list, f)
		}
	}
	return list
}

// xFields is CustomFieldsManager as vCenter has it. The simulator starts its keys at 0, lets fields of different types
// share a name, puts the object type where the value type belongs, sets fields on objects they are not for, and does not
// tell new objects of the fields there are.
type xFields struct{ *simulator.CustomFieldsManager }

func (c *xFields) set(ctx *simulator.Context, fields []types.CustomFieldDef) {
	slices.SortFunc(fields, func(a, b types.CustomFieldDef) int { return strings.Compare(a.Name, b.Name) })
	c.Field = fields
	for _, e := range ctx.Map.All("") {
		e.Entity().AvailableField = fieldsFor(fields, e.Reference().Type)
	}
}

func (c *xFields) index(match func(types.CustomFieldDef) bool) int {
	return slices.IndexFunc(c.Field, match)
}

// AddCustomFieldDef: a name is taken whatever types the fields are for.
func (c *xFields) AddCustomFieldDef(ctx *simulator.Context, req *types.AddCustomFieldDef) soap.HasFault {
	body := &methods.AddCustomFieldDefBody{}
	if bad := validName(req.Name); bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	if c.index(func(f types.CustomFieldDef) bool { return f.Name == req.Name }) >= 0 {
		body.Fault_ = fault(&types.DuplicateName{Name: req.Name, Object: c.Self})
		return body
	}
	s := simOf(ctx)
	s.mu.Lock()
	key := s.nextField
	s.nextField++
	s.mu.Unlock()
	def := types.CustomFieldDef{
		Key: key, Name: req.Name, Type: "string", ManagedObjectType: req.MoType,
		FieldDefPrivileges: req.FieldDefPolicy, FieldInstancePrivileges: req.FieldPolicy,
	}
	c.set(ctx, append(slices.Clone(c.Field), def))
	body.Res = &types.AddCustomFieldDefResponse{Returnval: def}
	return body
}

func (c *xFields) RenameCustomFieldDef(ctx *simulator.Context, req *types.RenameCustomFieldDef) soap.HasFault {
	body := &methods.RenameCustomFieldDefBody{}
	i := c.index(func(f types.CustomFieldDef) bool { return f.Key == req.Key })
	other := c.index(func(f types.CustomFieldDef) bool { return f.Name == req.Name && f.Key != req.Key })
	switch {
	case i < 0:
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "key"})
	case other >= 0:
		body.Fault_ = fault(&types.DuplicateName{Name: req.Name, Object: c.Self})
	case validName(req.Name) != nil:
		body.Fault_ = fault(validName(req.Name))
	default:
		fields := slices.Clone(c.Field)
		fields[i].Name = req.Name
		c.set(ctx, fields)
		body.Res = &types.RenameCustomFieldDefResponse{}
	}
	return body
}

// RemoveCustomFieldDef takes the values with it.
func (c *xFields) RemoveCustomFieldDef(ctx *simulator.Context, req *types.RemoveCustomFieldDef) soap.HasFault {
	body := &methods.RemoveCustomFieldDefBody{}
	i := c.index(func(f types.CustomFieldDef) bool { return f.Key == req.Key })
	if i < 0 {
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "key"})
		return body
	}
	c.set(ctx, slices.Delete(slices.Clone(c.Field), i, i+1))
	for _, e := range ctx.Map.All("") {
		setFieldValue(e, req.Key, nil)
	}
	body.Res = &types.RemoveCustomFieldDefResponse{}
	return body
}

// SetField with an empty value keeps an empty value, as vCenter does.
func (c *xFields) SetField(ctx *simulator.Context, req *types.SetField) soap.HasFault {
	body := &methods.SetFieldBody{}
	e, ok := ctx.Map.Get(req.Entity).(mo.Entity)
	if !ok {
		body.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Entity})
		return body
	}
	if !slices.ContainsFunc(fieldsFor(c.Field, req.Entity.Type), func(f types.CustomFieldDef) bool { return f.Key == req.Key }) {
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "key"})
		return body
	}
	ctx.WithLock(e, func() { setFieldValue(e, req.Key, &req.Value) })
	body.Res = &types.SetFieldResponse{}
	return body
}

// setFieldValue sets or, with nil, removes a value.
func setFieldValue(e mo.Entity, key int32, value *string) {
	m := e.Entity()
	list := slices.DeleteFunc(slices.Clone(m.CustomValue), func(v types.BaseCustomFieldValue) bool { return v.GetCustomFieldValue().Key == key })
	if value == nil && len(list) == len(m.CustomValue) {
		return
	}
	if value != nil {
		list = append(list, &types.CustomFieldStringValue{CustomFieldValue: types.CustomFieldValue{Key: key}, Value: *value})
	}
	m.CustomValue, m.Value = list, slices.Clone(list)
	if vm, ok := e.(*simulator.VirtualMachine); ok {
		vm.Summary.CustomValue = list
	}
}
