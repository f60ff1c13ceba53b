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
  name          = "bench2"
  datacenter_id = data.vsphere_datacenter.dc.id

  drs_enabled               = true
  drs_enable_predictive_drs = true
  drs_migration_threshold   = 5
  drs_advanced_options      = { TryBalanceVmsPerHost = "2" }
  dpm_enabled               = true
  dpm_automation_level      = "automated"

  ha_enabled                                         = true
  ha_vm_restart_priority                             = "low"
  ha_vm_dependency_restart_condition                 = "poweredOn"
  ha_vm_restart_additional_delay                     = 10
  ha_admission_control_policy                        = "slotPolicy"
  ha_admission_control_slot_policy_use_explicit_size = true
  ha_admission_control_slot_policy_explicit_cpu      = 500
  ha_admission_control_slot_policy_explicit_memory   = 1024
  ha_vm_monitoring                                   = "vmMonitoringOnly"

  proactive_ha_enabled              = true
  proactive_ha_automation_level     = "Automated"
  proactive_ha_moderate_remediation = "MaintenanceMode"
  proactive_ha_severe_remediation   = "MaintenanceMode"
}

resource "vsphere_resource_pool" "p" {
  name                    = "web"
  parent_resource_pool_id = vsphere_compute_cluster.c.resource_pool_id
}
