# A path at which there is a folder.
import {
  to = vsphere_datastore_cluster.p
  id = "/DC0/datastore"
}
resource "vsphere_datastore_cluster" "p" {
  name          = "datastore"
  datacenter_id = "{{moid /DC0}}"
}
