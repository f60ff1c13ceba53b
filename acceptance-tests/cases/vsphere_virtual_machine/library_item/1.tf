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
resource "vsphere_virtual_machine" "package" {
  name             = "from-package"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  num_cpus         = 2
  memory           = 256

  wait_for_guest_net_timeout = 0

  clone {
    template_uuid = vsphere_content_library_item.package.id
  }
  network_interface {
    network_id  = "{{moid /DC0/network/DC0_DVPG0}}"
    ovf_mapping = "nat"
  }
  disk {
    label = "disk0"
    size  = 2
  }
  vapp {
    properties = {
      hostname = "web"
    }
  }
}
resource "vsphere_virtual_machine" "template" {
  name             = "from-template"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  memory           = 512

  wait_for_guest_net_timeout = 0

  clone {
    template_uuid = vsphere_content_library_item.template.id
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 12
  }
}
