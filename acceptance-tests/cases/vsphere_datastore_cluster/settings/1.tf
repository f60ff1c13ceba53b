resource "vsphere_datastore_cluster" "p" {
  name                                     = "ssd"
  datacenter_id                            = "{{moid /DC0}}"
  sdrs_enabled                             = true
  sdrs_automation_level                    = "automated"
  sdrs_space_balance_automation_level      = "manual"
  sdrs_io_balance_automation_level         = "manual"
  sdrs_rule_enforcement_automation_level   = "automated"
  sdrs_policy_enforcement_automation_level = "manual"
  sdrs_vm_evacuation_automation_level      = "automated"
  sdrs_io_load_balance_enabled             = false
  sdrs_default_intra_vm_affinity           = false
  sdrs_io_latency_threshold                = 20
  sdrs_io_load_imbalance_threshold         = 10
  sdrs_io_reservable_iops_threshold        = 900
  sdrs_io_reservable_threshold_mode        = "manual"
  sdrs_load_balance_interval               = 240
  sdrs_free_space_threshold                = 70
  sdrs_free_space_threshold_mode           = "freeSpace"
  sdrs_free_space_utilization_difference   = 10
  sdrs_advanced_options = {
    EnforceStorageProfiles            = "1"
    IgnoreAffinityRulesForMaintenance = "1"
  }
}
