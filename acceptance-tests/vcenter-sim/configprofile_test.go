package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vapi/cis/tasks"
	"github.com/vmware/govmomi/vapi/esx/settings/clusters/configuration"
	"github.com/vmware/govmomi/vapi/esx/settings/clusters/configuration/drafts"
	"github.com/vmware/govmomi/vapi/esx/settings/clusters/enablement"
	"github.com/vmware/govmomi/vapi/rest"
)

func TestConfigurationProfiles(t *testing.T) {
	w := newWorld(t)
	c := rest.NewClient(w.client.Client)
	w.ok(c.Login(w.ctx, url.UserPassword("user", "pass")))
	o, err := find.NewFinder(w.client.Client).ClusterComputeResource(w.ctx, "/DC0/host/DC0_C0")
	w.ok(err)
	cluster, wait := o.Reference().Value, tasks.NewManagerWithCustomInterval(c, 1)
	ends := func(id string, err error) error {
		w.ok(err)
		_, err = wait.WaitForCompletion(w.ctx, id)
		return err
	}
	e, conf, d := enablement.NewManager(c), configuration.NewManager(c), drafts.NewManager(c)
	if _, err := conf.GetConfiguration(cluster); err == nil {
		t.Fatal("a cluster has a configuration profile before its transition")
	}
	w.ok(ends(e.CheckEligibility(cluster)))
	_, err = e.ImportFromFile(cluster, enablement.FileSpec{Config: `{"other":1}`})
	w.ok(err)
	if ends(e.ValidateConfiguration(cluster)) == nil {
		t.Fatal("a configuration without a profile is valid")
	}
	w.ok(ends(e.ImportFromReferenceHost(cluster, "host-47")))
	w.ok(ends(e.ValidateConfiguration(cluster)))
	w.ok(ends(e.EnableClusterConfiguration(cluster)))
	status, err := e.GetClusterConfigurationStatus(cluster)
	w.ok(err)
	equal(w, status.Status, "ENABLED")

	draft, err := d.CreateDraft(cluster, drafts.CreateSpec{Config: `{"profile":{"a":1}}`})
	w.ok(err)
	if _, err := d.CreateDraft(cluster, drafts.CreateSpec{}); err == nil {
		t.Fatal("a user has two drafts")
	}
	applied, err := d.ApplyDraft(cluster, draft)
	w.ok(err)
	w.ok(ends(applied.ApplyTask, nil))
	now, err := conf.GetConfiguration(cluster)
	w.ok(err)
	if !strings.Contains(now.Config, `"a":1`) {
		t.Fatal(now.Config)
	}
}
