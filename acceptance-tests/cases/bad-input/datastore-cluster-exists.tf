# command: apply
# setup: folder.create -pod /DC0/datastore/ssd
# A name that is taken.
resource "vsphere_datastore_cluster" "p" {
  name          = "ssd"
  datacenter_id = "{{moid /DC0}}"
}
