# Values that the official provider rejects, too.
resource "vsphere_nas_datastore" "d" {
  name            = "nfs1"
  host_system_ids = []
  remote_hosts    = []
  remote_path     = "/export"
  type            = "NFS4"
  access_mode     = "rw"
  security_type   = "KRB5"
}
