# Two sources, and a configuration that is not JSON.
resource "vsphere_configuration_profile" "two" {
  cluster_id        = "{{moid /DC0/host/DC0_C0}}"
  reference_host_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  configuration     = "{}"
}

resource "vsphere_configuration_profile" "text" {
  cluster_id    = "{{moid /DC0/host/DC0_C0}}"
  configuration = "profile: esx"
}
