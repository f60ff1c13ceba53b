# A datastore that is not on an NFS server.
import {
  to = vsphere_nas_datastore.d
  id = "/DC0/datastore/LocalDS_0"
}
resource "vsphere_nas_datastore" "d" {
  name            = "LocalDS_0"
  host_system_ids = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export"
}
