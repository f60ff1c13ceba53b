resource "vsphere_nas_datastore" "d" {
  name            = "nfs1"
  host_system_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
  remote_hosts    = ["nfs.example.com"]
  remote_path     = "/export/one"
}
resource "vsphere_nas_datastore" "kerberos" {
  name            = "nfs 41 krb"
  host_system_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
  type            = "NFS41"
  remote_hosts    = ["192.0.2.1", "192.0.2.2"]
  remote_path     = "/export/two"
  access_mode     = "readOnly"
  security_type   = "SEC_KRB5"
}
resource "vsphere_nas_datastore" "plain41" {
  name            = "nfs41"
  host_system_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
  type            = "NFS41"
  remote_hosts    = ["192.0.2.1"]
  remote_path     = "/export/three"
}
