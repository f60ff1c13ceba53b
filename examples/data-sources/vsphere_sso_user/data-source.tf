data "vsphere_sso_user" "monitoring" {
  name = "monitoring"
}
