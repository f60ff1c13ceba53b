data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}
