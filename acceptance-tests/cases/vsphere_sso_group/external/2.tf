resource "vsphere_sso_group" "ops" {
  name        = "ops"
  description = "operators"
}
