# command: apply
# setup: sso.user.create -p Hunter2-good! carl
# A name that is taken
resource "vsphere_sso_user" "u" {
  name     = "Carl"
  password = "Hunter2-good!"
}
