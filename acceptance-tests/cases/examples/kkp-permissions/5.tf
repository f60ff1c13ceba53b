data "vsphere_datacenter" "two" {
  name = "DC1"
}

# The same users in a second datacenter, with one folder below the other.
module "two" {
  source = "{{root}}/examples/kkp-permissions"
  first  = module.kkp

  kkp_doc      = "kkp-v2.26"
  storage_user = { name = "cust-ccm-cluster@vsphere.local" }
  infra_user   = { name = "cust-infra-user-cluster@vsphere.local" }

  datacenter        = data.vsphere_datacenter.two.name
  compute_clusters  = ["DC1_C0"]
  networks          = ["VM Network"]
  datastores        = ["LocalDS_0"]
  default_datastore = "LocalDS_0"
  vm_folder         = "k8s"
  template_folder   = "k8s/templates"
  clusters          = { red = {} }

  server = "{{server}}"
}

module "kkp" {
  source = "{{root}}/examples/kkp-permissions"

  kkp_doc            = "kkp-v2.26"
  shared_credentials = false
  storage_user       = { name = "cust-ccm-cluster@vsphere.local" }
  infra_user         = { name = "cust-infra-user-cluster@vsphere.local" }

  datacenter         = "DC0"
  compute_clusters   = ["DC0_C0"]
  networks           = ["VM Network", "DC0_DVPG0"]
  datastores         = ["LocalDS_0"]
  default_datastore  = "LocalDS_0"
  datastore_clusters = ["DC0_POD0"]

  clusters = {
    blue  = { tags = ["team-blue"], datastore_cluster = "DC0_POD0" }
    green = { tags = ["team-green"] }
  }

  server         = "{{server}}"
  allow_insecure = true
  passwords = {
    "cust-ccm-cluster@vsphere.local"        = "kkp-secret-1"
    "cust-infra-user-cluster@vsphere.local" = "kkp-secret-2"
  }
}
