resource "vsphere_supervisor" "s" {
  storage_policy = "VM Encryption Policy"
  main_dns       = ["10.0.0.251", "10.0.0.250"]
  sizing_hint    = "MEDIUM"

  pod_cidr {
    address = "10.244.0.0"
    prefix  = 23
  }

  pod_cidr {
    address = "10.246.0.0"
    prefix  = 23
  }

  namespace {
    name       = "team-a"
    vm_classes = ["large"]
  }

  namespace {
    name              = "team-c"
    content_libraries = []
  }
}
