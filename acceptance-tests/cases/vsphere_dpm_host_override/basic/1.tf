resource "vsphere_dpm_host_override" "a" {
  compute_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  host_system_id       = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  dpm_enabled          = true
  dpm_automation_level = "automated"
}

resource "vsphere_dpm_host_override" "default" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  host_system_id     = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
}
