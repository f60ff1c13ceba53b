# Values that the official provider rejects, too.
resource "vsphere_datastore_cluster" "p" {
  name                                   = "ssd"
  datacenter_id                          = "{{moid /DC0}}"
  sdrs_automation_level                  = "fullyAutomated"
  sdrs_rule_enforcement_automation_level = "auto"
  sdrs_io_latency_threshold              = 4
  sdrs_io_load_imbalance_threshold       = 101
  sdrs_io_reservable_percent_threshold   = 20
  sdrs_io_reservable_threshold_mode      = "percent"
  sdrs_load_balance_interval             = 30
  sdrs_free_space_threshold              = 0
  sdrs_free_space_threshold_mode         = "free"
  sdrs_free_space_utilization_difference = 60
}
