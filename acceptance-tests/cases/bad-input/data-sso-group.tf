# A group that does not exist
data "vsphere_sso_group" "g" {
  name   = "nil"
  domain = "corp.example"
}
