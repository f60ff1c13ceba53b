# command: apply
# A name that is taken
resource "vsphere_sso_group" "g" {
  name = "Administrators"
}
