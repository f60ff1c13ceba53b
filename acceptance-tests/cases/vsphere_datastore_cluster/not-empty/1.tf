resource "vsphere_datastore_cluster" "p" {
  name          = "ssd"
  datacenter_id = "{{moid /DC0}}"
}
