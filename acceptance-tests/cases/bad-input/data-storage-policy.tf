data "vsphere_storage_policy" "p" {
  name = "vSAN Default Storage Polcy"
}
