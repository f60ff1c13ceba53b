resource "vsphere_folder" "templates" {
  path          = "templates"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_tag_category" "os" {
  name             = "os"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine"]
}
resource "vsphere_tag" "linux" {
  name        = "linux"
  category_id = vsphere_tag_category.os.id
}
resource "vsphere_custom_attribute" "owner" {
  name                = "owner"
  managed_object_type = "VirtualMachine"
}
resource "vsphere_virtual_machine_template" "worker" {
  name             = "worker"
  folder           = vsphere_folder.templates.path
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  num_cpus         = 2
  memory           = 128
  enable_disk_uuid = true
  annotation       = "worker nodes"
  snapshot_name    = "base"
  tags             = [vsphere_tag.linux.id]
  custom_attributes = {
    (vsphere_custom_attribute.owner.id) = "kubernetes"
  }
  extra_config = {
    "guestinfo.a" = "1"
    "guestinfo.b" = "2"
  }
  ovf_deploy {
    local_ovf_path    = "files/small.ova"
    disk_provisioning = "thin"
    ovf_network_map = {
      nat = "{{moid /DC0/network/DC0_DVPG0}}"
    }
  }
  vapp {
    properties = {
      hostname = "worker"
    }
  }
  disk {
    size = 2
  }
}
