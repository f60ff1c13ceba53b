resource "vsphere_sso_user" "infra" {
  name                = "infra"
  description         = "Infrastructure"
  password_wo         = "Hunter2-ccm-b!"
  password_wo_version = "2"
}

resource "vsphere_sso_user" "ccm" {
  for_each = toset(["a", "b"])

  name                = "ccm-${each.key}"
  description         = "CCM and CSI of cluster ${each.key}"
  password_wo         = "Hunter2-ccm-${each.key}!"
  password_wo_version = "1"
}

resource "vsphere_sso_group" "ccm" {
  name        = "ccm"
  description = "CCM and CSI of all user clusters"

  dynamic "member_user" {
    for_each = vsphere_sso_user.ccm

    content {
      name   = member_user.value.name
      domain = member_user.value.domain
    }
  }
}
