# A policy that does not exist, addresses of another form, and two namespaces of one name
resource "vsphere_supervisor" "s" {
  cluster         = "/DC0/host/DC0_C0"
  storage_policy  = ""
  content_library = "lib"
  main_dns        = ["10.0.0.250"]
  worker_dns      = ["10.0.0.250"]
  main_ntp        = ["ntp.example.com"]
  worker_ntp      = ["ntp.example.com"]
  edge_cluster    = "edge-1"
  dvs_uuid        = "50"
  sizing_hint     = "HUGE"
  search_domains  = ["a.example.com", "b.example.com"]

  management_network {
    network          = "dvportgroup-1"
    subnet_mask      = "/24"
    starting_address = "host.example.com"
    gateway          = "10.0.0.1"
    address_count    = 0
  }

  ingress_cidr {
    address = "10.10.10.0/24"
    prefix  = 24
  }

  egress_cidr {
    address = "10.10.11.0"
    prefix  = 33
  }

  pod_cidr {
    address = "10.244.0.0"
    prefix  = 23
  }

  service_cidr {
    address = "10.10.12.0"
    prefix  = 24
  }

  namespace {
    name = "-a"
  }
}
