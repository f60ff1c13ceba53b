# only warns
# What only NFS 4.1 uses.
resource "vsphere_nas_datastore" "d" {
  name            = "nfs1"
  host_system_ids = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
  remote_hosts    = ["a.example.com", "b.example.com"]
  remote_path     = "/export"
  security_type   = "SEC_KRB5"
}
