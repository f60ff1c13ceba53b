resource "vsphere_content_library" "l" {
  name            = "images"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "package" {
  name       = "package"
  library_id = vsphere_content_library.l.id
  file_url   = "files/small.ovf"
}
resource "vsphere_content_library_item" "template" {
  name        = "golden"
  library_id  = vsphere_content_library.l.id
  type        = "vm-template"
  source_uuid = "{{moid /DC0/vm/DC0_H0_VM0}}"
}
resource "vsphere_virtual_machine_template" "package" {
  name             = "from-package"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  memory           = 128
  enable_disk_uuid = true
  clone {
    template_uuid = vsphere_content_library_item.package.id
    ovf_network_map = {
      nat = "{{moid /DC0/network/DC0_DVPG0}}"
    }
  }
}
resource "vsphere_virtual_machine_template" "template" {
  name             = "from-template"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  annotation       = "from an item"
  clone {
    template_uuid = vsphere_content_library_item.template.id
  }
}
