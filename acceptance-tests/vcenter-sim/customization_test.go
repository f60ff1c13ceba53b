package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Customization specifications have versions, change their names, and go.
func TestCustomizationSpecs(t *testing.T) {
	w := newWorld(t)
	m := object.NewCustomizationSpecManager(w.client.Client)
	item := types.CustomizationSpecItem{
		Info: types.CustomizationSpecInfo{Name: "a", Type: "Linux"},
		Spec: types.CustomizationSpec{Identity: &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "h"}, Domain: "d"}},
	}
	w.ok(m.CreateCustomizationSpec(w.ctx, item))
	rename := func(from, to string) error {
		_, err := methods.RenameCustomizationSpec(w.ctx, w.client.Client, &types.RenameCustomizationSpec{This: m.Reference(), Name: from, NewName: to})
		return err
	}
	w.ok(rename("a", "b"))
	equal(w, rename("a", "c") != nil, true)
	got, err := m.GetCustomizationSpec(w.ctx, "b")
	w.ok(err)
	equal(w, got.Info.ChangeVersion != "" && got.Info.LastUpdateTime != nil, true)
	_, err = m.GetCustomizationSpec(w.ctx, "a")
	equal(w, err != nil, true)

	stale := *got
	w.ok(m.OverwriteCustomizationSpec(w.ctx, *got))
	equal(w, m.OverwriteCustomizationSpec(w.ctx, stale) != nil, true)
	w.ok(m.DeleteCustomizationSpec(w.ctx, "b"))
	equal(w, m.OverwriteCustomizationSpec(w.ctx, *got) != nil, true)
	w.ok(m.CreateCustomizationSpec(w.ctx, item))
}
