data "vsphere_storage_policies" "all" {
}
data "vsphere_storage_policies" "default" {
  name_regex = "^(vSAN|VVol) "
}
data "vsphere_storage_policies" "class" {
  k8s_compliant_name = "vsan-default-storage-policy"
}
data "vsphere_storage_policy" "vsan" {
  name = data.vsphere_storage_policies.class.policies[0].name
}
output "vsan" {
  value = data.vsphere_storage_policies.class.policies[0].id
  precondition {
    condition     = length(data.vsphere_storage_policies.class.policies) == 1 && data.vsphere_storage_policy.vsan.k8s_compliant_name == "vsan-default-storage-policy"
    error_message = jsonencode(data.vsphere_storage_policies.class)
  }
  precondition {
    condition     = length(data.vsphere_storage_policies.default.policies) == 2 && length(data.vsphere_storage_policies.all.policies) >= 2
    error_message = jsonencode(data.vsphere_storage_policies.all)
  }
}
data "vsphere_storage_policy" "encryption" {
  name = "VM Encryption Policy"
}
output "encryption" {
  value = data.vsphere_storage_policy.encryption.id
  precondition {
    condition     = data.vsphere_storage_policy.encryption.encryption && !data.vsphere_storage_policy.vsan.encryption
    error_message = jsonencode(data.vsphere_storage_policy.encryption)
  }
  precondition {
    condition     = [for p in data.vsphere_storage_policies.all.policies : p.name if p.encryption] == ["VM Encryption Policy"]
    error_message = jsonencode(data.vsphere_storage_policies.all)
  }
}
