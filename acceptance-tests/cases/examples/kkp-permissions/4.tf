module "kkp" {
  source = "{{root}}/examples/kkp-permissions"

  kkp_doc            = "kkp-002"
  shared_credentials = true
  storage_user       = null
  infra_user         = { name = "cust-infra-user-cluster@vsphere.local" }

  datacenter         = "DC0"
  compute_clusters   = ["DC0_C0"]
  networks           = ["VM Network", "DC0_DVPG0"]
  datastores         = ["LocalDS_0"]
  default_datastore  = "LocalDS_0"
  datastore_clusters = ["DC0_POD0"]

  clusters = {
    blue  = { tags = ["team-blue"] }
    green = { tags = ["team-green"] }
  }

  server         = "{{server}}"
  allow_insecure = true
  passwords = {
    "cust-ccm-cluster@vsphere.local"        = "kkp-secret-1"
    "cust-infra-user-cluster@vsphere.local" = "kkp-secret-2"
  }
}
