# A folder and a datastore cluster, and a datastore cluster that is a folder.
resource "vsphere_nas_datastore" "both" {
  name                 = "nfs1"
  host_system_ids      = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
  remote_hosts         = ["nfs.example.com"]
  remote_path          = "/export"
  folder               = "team"
  datastore_cluster_id = "group-p999"
}
resource "vsphere_nas_datastore" "folder" {
  name                 = "nfs2"
  host_system_ids      = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
  remote_hosts         = ["nfs.example.com"]
  remote_path          = "/export"
  datastore_cluster_id = "{{moid /DC0/datastore}}"
}
