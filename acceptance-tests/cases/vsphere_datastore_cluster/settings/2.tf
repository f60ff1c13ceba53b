resource "vsphere_datastore_cluster" "p" {
  name                                   = "ssd"
  datacenter_id                          = "{{moid /DC0}}"
  sdrs_enabled                           = true
  sdrs_automation_level                  = "automated"
  sdrs_rule_enforcement_automation_level = "manual"
  sdrs_io_reservable_percent_threshold   = 50
  sdrs_space_utilization_threshold       = 75
  sdrs_advanced_options = {
    EnforceStorageProfiles = "2"
  }
}
