package main

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
)

func TestSupervisors(t *testing.T) {
	w := newWorld(t)
	c := rest.NewClient(w.client.Client)
	w.ok(c.Login(w.ctx, url.UserPassword("user", "pass")))
	o, err := find.NewFinder(w.client.Client).ClusterComputeResource(w.ctx, "/DC0/host/DC0_C0")
	w.ok(err)
	pc, err := pbm.NewClient(w.ctx, w.client.Client)
	w.ok(err)
	policy, err := pc.ProfileIDByName(w.ctx, "vSAN Default Storage Policy")
	w.ok(err)
	cluster, m := o.Reference().Value, namespace.NewManager(c)

	size, provider, mode := namespace.SmallSizingHint, namespace.NsxtContainerPluginNetworkProvider, namespace.StaticRangeIpAssignmentMode
	spec := namespace.EnableClusterSpec{
		SizeHint: &size, NetworkProvider: &provider, ServiceCidr: &namespace.Cidr{Address: "10.96.0.0", Prefix: 23},
		MasterManagementNetwork: &namespace.MasterManagementNetwork{Mode: &mode, Network: "network-7"},
		ImageStorage:            namespace.ImageStorageSpec{StoragePolicy: policy}, MasterStoragePolicy: policy,
	}
	if m.EnableCluster(w.ctx, cluster, &spec) == nil {
		t.Fatal("a specification without a policy for ephemeral disks is accepted")
	}
	spec.EphemeralStoragePolicy = policy
	w.ok(m.EnableCluster(w.ctx, cluster, &spec))
	if m.EnableCluster(w.ctx, cluster, &spec) == nil {
		t.Fatal("a cluster has two Supervisors")
	}
	status := func() string {
		all, err := m.ListClusters(w.ctx)
		w.ok(err)
		if len(all) == 0 {
			return ""
		}
		return all[0].ConfigStatus.String()
	}
	equal(w, status(), "CONFIGURING")
	equal(w, status(), "RUNNING")

	all, err := m.GetSupervisorSummaries(w.ctx)
	w.ok(err)
	equal(w, len(all.Items), 1)
	id := all.Items[0].Supervisor
	topology, err := m.GetSupervisorTopology(w.ctx, id)
	w.ok(err)
	equal(w, topology[0].Clusters[0], cluster)

	limited := []namespace.StorageSpec{{Policy: policy, Limit: 1024}}
	w.ok(m.CreateNamespaceV2(w.ctx, namespace.NamespaceInstanceCreateSpecV2{Namespace: "team", Supervisor: id, StorageSpecs: &limited}))
	for _, name := range []string{"team", "Team", "-x"} {
		if m.CreateNamespaceV2(w.ctx, namespace.NamespaceInstanceCreateSpecV2{Namespace: name, Supervisor: id}) == nil {
			t.Fatalf("the namespace %s is created", name)
		}
	}
	if m.CreateNamespace(w.ctx, namespace.NamespacesInstanceCreateSpec{Namespace: "b", Cluster: cluster, VmServiceSpec: namespace.VmServiceSpec{VmClasses: []string{"none"}}}) == nil {
		t.Fatal("a class that does not exist is accepted")
	}
	first, err := m.GetNamespaceV2(w.ctx, "team")
	w.ok(err)
	second, err := m.GetNamespace(w.ctx, "team")
	w.ok(err)
	equal(w, first.ConfigStatus+" "+second.ConfigStatus, "CONFIGURING RUNNING")
	equal(w, second.ClusterId, cluster)
	equal(w, second.StorageSpecs[0].Limit, int64(1024))
	// What is null stays.
	w.ok(m.UpdateNamespace(w.ctx, "team", namespace.NamespacesInstanceUpdateSpec{}))
	second, err = m.GetNamespace(w.ctx, "team")
	w.ok(err)
	equal(w, len(second.StorageSpecs), 1)

	w.ok(m.DeleteNamespace(w.ctx, "team"))
	second, err = m.GetNamespace(w.ctx, "team")
	w.ok(err)
	equal(w, second.ConfigStatus, "REMOVING")
	if _, err = m.GetNamespace(w.ctx, "team"); err == nil {
		t.Fatal("a namespace that is removed exists")
	}
	w.ok(m.DisableCluster(w.ctx, cluster))
	equal(w, status(), "REMOVING")
	equal(w, status(), "")
}
