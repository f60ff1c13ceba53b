# Tags that are not attached, a resource pool and a datastore of another cluster, and no rule for the groups.
# setup: tags.category.create k8s
# setup: tags.create -c k8s eu
# setup: cluster.create -dc DC0 other
# setup: cluster.group.create -cluster DC0_C0 -name rack1 -host DC0_C0_H0
# setup: cluster.group.create -cluster DC0_C0 -name vms -vm DC0_C0_RP0_VM0
data "vsphere_failure_domain" "group" {
  region {
    name         = "eu"
    tag_category = "k8s"
    type         = "Datacenter"
  }
  zone {
    name         = "eu"
    tag_category = "k8s"
    type         = "HostGroup"
  }
  topology {
    datacenter      = "DC0"
    compute_cluster = "DC0_C0"
    datastore       = "LocalDS_0"
    hosts {
      host_group_name = "rack1"
      vm_group_name   = "vms"
    }
  }
}
data "vsphere_failure_domain" "cluster" {
  region {
    name         = "eu"
    tag_category = "k8s"
    type         = "Datacenter"
  }
  zone {
    name         = "eu"
    tag_category = "k8s"
    type         = "ComputeCluster"
  }
  topology {
    datacenter      = "DC0"
    compute_cluster = "other"
    datastore       = "LocalDS_0"
    networks        = ["VM Network"]
    hosts {
      host_group_name = "rack1"
      vm_group_name   = "vms"
    }
  }
  placement_constraint {
    resource_pool = "DC0_C0/Resources"
  }
}
