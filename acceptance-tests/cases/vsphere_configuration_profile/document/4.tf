resource "vsphere_configuration_profile" "p" {
  cluster_id    = "{{moid /DC0/host/DC0_C0}}"
  configuration = jsonencode({ other = 1 })
}
