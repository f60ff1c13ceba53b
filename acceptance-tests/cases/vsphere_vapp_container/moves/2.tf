resource "vsphere_folder" "a" {
  path          = "a"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_folder" "b" {
  path          = "b"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}

resource "vsphere_vapp_container" "v" {
  name                    = "shop"
  parent_resource_pool_id = vsphere_resource_pool.p.id
  parent_folder_id        = vsphere_folder.b.id
}
