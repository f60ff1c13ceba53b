# A cluster without a configuration profile.
data "vsphere_configuration_profile" "p" {
  cluster_id = "{{moid /DC0/host/DC0_C0}}"
}
