resource "vsphere_nas_datastore" "d" {
  name            = "nfs1"
  host_system_ids = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export"
}
