resource "vsphere_configuration_profile" "p" {
  cluster_id        = "{{moid /DC0/host/DC0_C0}}"
  reference_host_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
}
