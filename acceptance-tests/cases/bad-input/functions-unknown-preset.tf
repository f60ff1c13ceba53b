# A role that no preset has.
output "o" {
  value = provider::vsphere::role_preset("kkp", "no-such-role")
}
