locals {
  # The Supervisor of the cluster: the simulator derives its ID from that of the cluster.
  supervisor = uuidv5("oid", "{{moid /DC0/host/DC0_C0}}")
}

data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

data "vsphere_storage_policy" "encryption" {
  name = "VM Encryption Policy"
}

data "vsphere_datastore" "ds" {
  name          = "LocalDS_0"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_content_library" "images" {
  name            = "images"
  storage_backing = [data.vsphere_datastore.ds.id]
}

resource "vsphere_virtual_machine_class" "c" {
  for_each = toset(["large", "small"])
  name     = each.key
  cpus     = 2
  memory   = 4096
}
