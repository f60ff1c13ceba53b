# An import id that names nothing.
import {
  to = vsphere_first_class_disk.x
  id = "web-data"
}
resource "vsphere_first_class_disk" "x" {
  name         = "data"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 1
}
