package main

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi/vapi/cis/tasks"
	"github.com/vmware/govmomi/vapi/esx/settings/depots"
	"github.com/vmware/govmomi/vapi/rest"
)

func TestOfflineDepots(t *testing.T) {
	w := newWorld(t)
	c := rest.NewClient(w.client.Client)
	w.ok(c.Login(w.ctx, url.UserPassword("user", "pass")))
	m, wait := depots.NewManager(c), tasks.NewManagerWithCustomInterval(c, 1)
	create := func(location string) error {
		id, err := m.CreateOfflineDepot(depots.SettingsDepotsOfflineCreateSpec{SourceType: "PULL", Location: location})
		w.ok(err)
		_, err = wait.WaitForCompletion(w.ctx, id)
		return err
	}
	w.ok(create("https://files.example.com/a.zip"))
	if create("https://files.example.com/a.zip") == nil || create("a.zip") == nil {
		t.Fatal("a depot is read twice, or from no URL")
	}
	all, err := m.GetOfflineDepots()
	w.ok(err)
	equal(w, len(all), 1)
	for id := range all {
		content, err := m.GetOfflineDepotContent(id)
		w.ok(err)
		equal(w, len(content.MetadataBundles), 1)
		task, err := m.DeleteOfflineDepot(id)
		w.ok(err)
		_, err = wait.WaitForCompletion(w.ctx, task)
		w.ok(err)
	}
	all, err = m.GetOfflineDepots()
	w.ok(err)
	equal(w, len(all), 0)
}
