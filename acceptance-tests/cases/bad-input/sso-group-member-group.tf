# command: apply
# A group that does not exist
resource "vsphere_sso_group_member" "m" {
  group = "nothing"
  name  = "Administrator"
}
