# A host of another cluster, and a level that DPM does not have
# command: apply
resource "vsphere_dpm_host_override" "host" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  host_system_id     = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
}
