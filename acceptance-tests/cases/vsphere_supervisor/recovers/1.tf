data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

data "vsphere_distributed_virtual_switch" "dvs" {
  name          = "DVS0"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_supervisor" "s" {
  cluster         = "{{moid /DC0/host/DC0_C0}}"
  storage_policy  = data.vsphere_storage_policy.vsan.id
  content_library = "fe072d20-b117-4cb2-87bf-1f6ad1bd6042"
  main_dns        = ["10.0.0.250", "10.0.0.251"]
  worker_dns      = ["10.0.0.250"]
  main_ntp        = ["ntp.example.com"]
  worker_ntp      = ["ntp.example.com"]
  edge_cluster    = "edge-1"
  dvs_uuid        = data.vsphere_distributed_virtual_switch.dvs.id
  sizing_hint     = "SMALL"
  search_domains  = ["example.com"]

  management_network {
    network          = "{{moid /DC0/network/DC0_DVPG0}}"
    subnet_mask      = "255.255.255.0"
    starting_address = "10.0.0.150"
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
    prefix  = 23
  }

  service_cidr {
    address = "10.10.12.0"
    prefix  = 24
  }

  timeouts {
    create = "2m"
  }
}
