module "failure_domains" {
  source     = "{{root}}/examples/capv-parity//failure-domains"
  datacenter = "DC0"
  region     = "eu"
  zones = {
    for zone in ["zone-a", "zone-b"] : zone => {
      compute_cluster = "DC0_C0"
      datastore       = "LocalDS_0"
      network         = "VM Network"
      hosts           = { host_group_name = zone, vm_group_name = "${zone}-vms" }
      folder          = "shop"
    }
  }
}

data "vsphere_virtual_machine_template" "tpl" {
  name = "/DC0/vm/tpl"
}

module "endpoint" {
  source  = "{{root}}/examples/capv-parity//kube-vip"
  address = "10.0.10.10"
}

module "proxy" {
  source           = "{{root}}/examples/capv-parity//http-proxy"
  http_proxy       = "http://proxy.example.com:3128"
  cluster_networks = ["192.168.0.0/16", module.endpoint.endpoint]
}

module "addresses" {
  source       = "{{root}}/examples/capv-parity//static-ipam"
  subnet       = "10.0.10.0/24"
  gateway      = "10.0.10.1"
  range        = { first = 11, last = 50 }
  reservations = { shop-0 = 11, shop-1 = 12 }
}

module "control_plane" {
  source = "{{root}}/examples/capv-parity//ha-control-plane"

  name                       = "shop"
  replicas                   = 3
  num_cpus                   = 1
  memory                     = 512
  template                   = data.vsphere_virtual_machine_template.tpl
  networks                   = module.addresses.networks
  files                      = concat(module.endpoint.files, module.proxy.files)
  init_commands              = concat(module.proxy.commands, ["kubeadm init --control-plane-endpoint ${module.endpoint.endpoint}"])
  join_commands              = concat(module.proxy.commands, ["kubeadm join ${module.endpoint.endpoint} --token capv-secret-token"])
  placements                 = module.failure_domains.placements
  wait_for_guest_net_timeout = 0
}

output "names" {
  value = { for name, node in module.control_plane.nodes : name => node.name }
}

output "first" {
  value = module.control_plane.nodes["shop-0"].name
}

output "second" {
  value = module.control_plane.nodes["shop-1"].name
}

output "third" {
  value = module.control_plane.nodes["shop-2"].name
}
