# Defaults for `mock_provider "vsphere"`, with realistic IDs. Copy this file into your module, for example to
# tests/mocks/, and set that folder as the `source` of the mock provider. The guide "Testing modules" explains it.

mock_data "vsphere_about" {
  defaults = {
    api_version = "8.0.3.0"
  }
}

mock_data "vsphere_compute_cluster" {
  defaults = {
    id               = "domain-c8"
    resource_pool_id = "resgroup-9"
  }
}

mock_data "vsphere_compute_cluster_host_group" {
  defaults = {
    id              = "hosts"
    host_system_ids = ["host-12"]
  }
}

mock_data "vsphere_custom_attribute" {
  defaults = {
    id = "101"
  }
}

mock_data "vsphere_datacenter" {
  defaults = {
    id = "datacenter-3"
  }
}

mock_data "vsphere_datastore" {
  defaults = {
    id = "datastore-14"
  }
}

mock_data "vsphere_datastore_cluster" {
  defaults = {
    id = "group-p5"
  }
}

mock_data "vsphere_distributed_virtual_switch" {
  defaults = {
    id      = "50 2c 1f 6e 9a 4d 6b 7a-0b 5e 3c 8d 2f 1a 4e 6c"
    uplinks = ["Uplink 1", "Uplink 2"]
  }
}

mock_data "vsphere_dynamic" {
  defaults = {
    id = "vm-42"
  }
}

mock_data "vsphere_folder" {
  defaults = {
    id = "group-v4"
  }
}

mock_data "vsphere_host" {
  defaults = {
    id               = "host-12"
    resource_pool_id = "resgroup-9"
  }
}

mock_data "vsphere_network" {
  defaults = {
    id   = "dvportgroup-16"
    type = "DistributedVirtualPortgroup"
  }
}

mock_data "vsphere_resource_pool" {
  defaults = {
    id = "resgroup-17"
  }
}

mock_data "vsphere_role" {
  defaults = {
    id = "-2"
  }
}

mock_data "vsphere_tag" {
  defaults = {
    id = "urn:vmomi:InventoryServiceTag:7433c169-0f9c-4dc5-996c-4a7287e70e11:GLOBAL"
  }
}

mock_data "vsphere_tag_category" {
  defaults = {
    id               = "urn:vmomi:InventoryServiceCategory:2b6c8f0e-54a3-4f0f-8c0f-5d3a7f0c9e21:GLOBAL"
    associable_types = ["VirtualMachine"]
    cardinality      = "MULTIPLE"
  }
}

# A template: public modules read its disks, interfaces and controllers.
mock_data "vsphere_virtual_machine" {
  defaults = {
    id                      = "4206a5c0-0f9c-4dc5-996c-4a7287e70e11"
    moid                    = "vm-42"
    firmware                = "bios"
    guest_id                = "ubuntu64Guest"
    scsi_type               = "pvscsi"
    num_cpus                = 2
    memory                  = 4096
    network_interface_types = ["vmxnet3"]
    disks = [{
      label            = "disk0"
      size             = 20
      unit_number      = 0
      thin_provisioned = true
      eagerly_scrub    = false
    }]
  }
}

mock_resource "vsphere_custom_attribute" {
  defaults = {
    id = "102"
  }
}

mock_resource "vsphere_datacenter" {
  defaults = {
    moid = "datacenter-3"
  }
}

mock_resource "vsphere_folder" {
  defaults = {
    id = "group-v4"
  }
}

mock_resource "vsphere_resource_pool" {
  defaults = {
    id = "resgroup-17"
  }
}

mock_resource "vsphere_role" {
  defaults = {
    id = "1201"
  }
}

mock_resource "vsphere_tag" {
  defaults = {
    id = "urn:vmomi:InventoryServiceTag:9e2f5a1b-7c44-4a7e-b7d3-0a6c1e8f2d35:GLOBAL"
  }
}

mock_resource "vsphere_tag_category" {
  defaults = {
    id = "urn:vmomi:InventoryServiceCategory:3d1f7b2c-6a58-4e0b-9f44-8c2e0d5b7a63:GLOBAL"
  }
}

mock_resource "vsphere_virtual_machine" {
  defaults = {
    id                 = "4206b7d1-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
    uuid               = "4206b7d1-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
    moid               = "vm-43"
    default_ip_address = "192.0.2.10"
    guest_ip_addresses = ["192.0.2.10"]
    power_state        = "on"
  }
}

mock_resource "vsphere_virtual_machine_snapshot" {
  defaults = {
    id = "snapshot-44"
  }
}
