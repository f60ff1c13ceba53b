# Types without the objects that they require, and a region of hosts.
data "vsphere_failure_domain" "d" {
  region {
    name         = "eu"
    tag_category = "k8s-region"
    type         = "HostGroup"
  }
  zone {
    name         = "zone-a"
    tag_category = "k8s-zone"
    type         = "ComputeCluster"
  }
  topology {
    datacenter = "DC0"
    hosts {
      host_group_name = "rack1"
      vm_group_name   = "vms"
    }
  }
}
