resource "vsphere_sso_group" "operators" {
  name        = "operators"
  description = "Operators of all clusters"

  member_user {
    name   = "monitoring"
    domain = "vsphere.local"
  }

  member_group {
    name   = "team-web"
    domain = "vsphere.local"
  }
}
