resource "vsphere_compute_cluster" "c" {
  vsan_remote_datastore_ids = [data.vsphere_datastore.remote.id]
}
