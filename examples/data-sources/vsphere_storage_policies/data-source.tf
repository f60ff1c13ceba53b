data "vsphere_storage_policies" "vsan" {
  name_regex = "^vSAN "
}

output "names" {
  value = data.vsphere_storage_policies.vsan.policies[*].name
}
