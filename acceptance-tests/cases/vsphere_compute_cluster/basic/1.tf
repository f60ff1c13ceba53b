data "vsphere_datacenter" "dc" {
  name = "DC0"
}

resource "vsphere_folder" "production" {
  path          = "production"
  type          = "host"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_tag_category" "c" {
  name             = "bench-category"
  cardinality      = "SINGLE"
  associable_types = ["ClusterComputeResource"]
}

resource "vsphere_tag" "t" {
  name        = "bench-tag"
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_compute_cluster" "c" {
  name          = "bench"
  datacenter_id = data.vsphere_datacenter.dc.id
  folder        = vsphere_folder.production.path
  tags          = [vsphere_tag.t.id]

  drs_enabled          = true
  drs_automation_level = "fullyAutomated"
  drs_advanced_options = { TryBalanceVmsPerHost = "1", MaxVcpusPerCore = "4" }

  ha_enabled                                            = true
  ha_vm_restart_priority                                = "high"
  ha_admission_control_policy                           = "resourcePercentage"
  ha_admission_control_resource_percentage_auto_compute = false
  ha_admission_control_resource_percentage_cpu          = 33
  ha_admission_control_resource_percentage_memory       = 25
  ha_datastore_apd_response                             = "restartConservative"
  ha_advanced_options                                   = { "das.ignoreRedundantNetWarning" = "true" }

  evc_mode = "intel-skylake"
}

# The root pool of the cluster is known to others.
resource "vsphere_resource_pool" "p" {
  name                    = "web"
  parent_resource_pool_id = vsphere_compute_cluster.c.resource_pool_id
}
