data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}
data "vsphere_storage_policy" "vvol" {
  name = "VVol No Requirements Policy"
}
output "vsan" {
  value = data.vsphere_storage_policy.vsan.id
}
output "vvol" {
  value = data.vsphere_storage_policy.vvol.id
}
