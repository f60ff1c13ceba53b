# command: apply
# A password that does not meet the policy.
resource "vsphere_sso_user" "u" {
  name        = "carl"
  password_wo = "hunter2"
}
