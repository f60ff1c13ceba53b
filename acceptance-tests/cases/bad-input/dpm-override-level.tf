resource "vsphere_dpm_host_override" "level" {
  compute_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  host_system_id       = "/DC0/host/DC0_C0/DC0_C0_H0"
  dpm_automation_level = "fullyAutomated"
}
