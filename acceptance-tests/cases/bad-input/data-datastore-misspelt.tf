# Nearly the name of a datastore.
data "vsphere_datastore" "d" {
  name          = "LocalDS0"
  datacenter_id = "{{moid /DC0}}"
}
