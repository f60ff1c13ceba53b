data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

output "storage_policy_id" {
  value = data.vsphere_storage_policy.vsan.id
}
