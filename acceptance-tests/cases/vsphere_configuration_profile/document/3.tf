resource "vsphere_configuration_profile" "p" {
  cluster_id    = "{{moid /DC0/host/DC0_C0}}"
  configuration = jsonencode({ profile = { esx = { source = "another document" } } })
}

data "vsphere_configuration_profile" "p" {
  cluster_id = vsphere_configuration_profile.p.cluster_id
  depends_on = [vsphere_configuration_profile.p]

  lifecycle {
    postcondition {
      condition     = jsondecode(self.configuration).profile.esx.source == "another document" && self.id == vsphere_configuration_profile.p.id && jsondecode(self.schema).type == "object"
      error_message = "the configuration differs"
    }
  }
}
