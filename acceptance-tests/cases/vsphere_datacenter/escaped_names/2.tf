resource "vsphere_datacenter" "dc" {
  name = "DC 1%2F2 50%25"
}
resource "vsphere_folder" "of_dcs" {
  path = "/x%2Fy 50%25/"
  type = "datacenter"
}
resource "vsphere_datacenter" "inside" {
  name   = "in%2f5%25"
  folder = "/x%2Fy 50%25/"

  depends_on = [vsphere_folder.of_dcs]
}
resource "vsphere_folder" "f" {
  path          = "a%2Fb 50%25"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
data "vsphere_compute_cluster" "c" {
  name = "/DC0/host/DC0_C0"
}
data "vsphere_datastore" "ds" {
  name = "/DC0/datastore/LocalDS_0"
}
resource "vsphere_resource_pool" "p" {
  name                    = "p%2f50%25"
  parent_resource_pool_id = data.vsphere_compute_cluster.c.resource_pool_id
}
resource "vsphere_virtual_machine" "vm" {
  name             = "w%2F50%"
  folder           = "a%2Fb 50%25"
  resource_pool_id = vsphere_resource_pool.p.id
  datastore_id     = data.vsphere_datastore.ds.id
  guest_id         = "otherGuest64"

  wait_for_guest_net_timeout = 0
  wait_for_guest_ip_timeout  = 0

  depends_on = [vsphere_folder.f]
}
resource "vsphere_virtual_machine_snapshot" "s" {
  virtual_machine_uuid = vsphere_virtual_machine.vm.id
  snapshot_name        = "1%2f2 50%"
  description          = "of the case"
  memory               = false
  quiesce              = false
}
