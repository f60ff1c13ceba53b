# Nearly the name of a folder.
# command: apply
# setup: folder.create /DC0/host/production
resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  folder        = "prodution"
}
