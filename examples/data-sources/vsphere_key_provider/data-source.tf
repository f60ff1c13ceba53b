# The default key provider of vCenter.
data "vsphere_key_provider" "default" {}

output "key_provider" {
  value = data.vsphere_key_provider.default.name
}
