package main

import (
	"testing"

	"github.com/vmware/govmomi/license"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestLicenses(t *testing.T) {
	w := newWorld(t)
	m := license.NewManager(w.client.Client)
	const key = "0A0A0-11111-22222-33333-44444"
	bad, err := m.Add(w.ctx, "not a key", nil)
	w.ok(err)
	equal(w, bad.Properties[0].Key, "diagnostic")
	_, err = m.Add(w.ctx, key, nil)
	w.ok(err)
	for _, l := range []types.KeyValue{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}, {Key: "b", Value: "3"}} {
		req := types.UpdateLicenseLabel{This: m.Reference(), LicenseKey: key, LabelKey: l.Key, LabelValue: l.Value}
		_, err = methods.UpdateLicenseLabel(w.ctx, w.client.Client, &req)
		w.ok(err)
	}
	remove := types.RemoveLicenseLabel{This: m.Reference(), LicenseKey: key, LabelKey: "a"}
	_, err = methods.RemoveLicenseLabel(w.ctx, w.client.Client, &remove)
	w.ok(err)
	remove.LicenseKey = "not a key"
	_, err = methods.RemoveLicenseLabel(w.ctx, w.client.Client, &remove)
	fails[types.InvalidArgument](w, err)

	all, err := m.List(w.ctx)
	w.ok(err)
	equal(w, len(all), 2)
	equal(w, all[1].Labels, []types.KeyValue{{Key: "b", Value: "3"}})
	equal(w, all[1].EditionKey, "esx.enterprisePlus.cpuPackage")
	w.ok(m.Remove(w.ctx, key))
	all, err = m.List(w.ctx)
	w.ok(err)
	equal(w, len(all), 1)
}
