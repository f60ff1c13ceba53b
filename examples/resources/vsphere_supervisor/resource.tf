data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "management" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

data "vsphere_content_library" "images" {
  name = "images"
}

resource "vsphere_supervisor" "c1" {
  cluster         = data.vsphere_compute_cluster.c1.id
  storage_policy  = data.vsphere_storage_policy.vsan.id
  content_library = data.vsphere_content_library.images.id
  sizing_hint     = "MEDIUM"
  edge_cluster    = "a72b0c7e-0d3c-4c1e-8b5c-5e8c1c1f3a11"
  dvs_uuid        = data.vsphere_distributed_virtual_switch.dvs1.id
  main_dns        = ["10.0.0.250"]
  worker_dns      = ["10.0.0.250"]
  main_ntp        = ["ntp.example.com"]
  worker_ntp      = ["ntp.example.com"]
  search_domains  = ["example.com"]

  management_network {
    network          = data.vsphere_network.management.id
    starting_address = "10.0.0.150"
    subnet_mask      = "255.255.255.0"
    gateway          = "10.0.0.1"
    address_count    = 5
  }

  ingress_cidr {
    address = "10.10.10.0"
    prefix  = 24
  }

  egress_cidr {
    address = "10.10.11.0"
    prefix  = 24
  }

  pod_cidr {
    address = "10.244.0.0"
    prefix  = 20
  }

  service_cidr {
    address = "10.96.0.0"
    prefix  = 23
  }
}
