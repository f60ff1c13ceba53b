resource "vsphere_nas_datastore" "d" {
  name            = "nfs1"
  host_system_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export"
}
