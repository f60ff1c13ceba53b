# A cluster where hosts belong, and a host that does not exist.
resource "vsphere_nas_datastore" "cluster" {
  name            = "nfs1"
  host_system_ids = ["{{moid /DC0/host/DC0_C0}}"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export"
}
resource "vsphere_nas_datastore" "absent" {
  name            = "nfs2"
  host_system_ids = ["host-999"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export"
}
