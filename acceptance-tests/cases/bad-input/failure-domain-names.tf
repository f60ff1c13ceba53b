# Names that no object has.
# setup: tags.category.create -t Datacenter k8s-region
# setup: tags.create -c k8s-region eu
data "vsphere_failure_domain" "d" {
  region {
    name         = "ue"
    tag_category = "k8s-region"
    type         = "Datacenter"
  }
  zone {
    name         = "zone-a"
    tag_category = "k8s-zone"
    type         = "Datacenter"
  }
  topology {
    datacenter      = "DC0"
    compute_cluster = "DC0_C1"
    datastore       = "LocalDS_7"
    networks        = ["VM Network", "k8s"]
  }
  placement_constraint {
    resource_pool = "DC0_C0/Resources/k8s"
    folder        = "k8s"
  }
}
