locals {
  placement = {
    resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
    datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
    network_id       = "{{moid /DC0/network/VM Network}}"
  }
}

data "vsphere_virtual_machine_template" "kubernetes" {
  for_each = toset(["1.32", "1.33"])
  name     = "/DC0/vm/kubernetes-${each.key}"
}

module "nodes" {
  source = "{{root}}/examples/capv-parity//rolling-upgrade"

  name       = "worker"
  num_cpus   = 1
  memory     = 512
  template   = data.vsphere_virtual_machine_template.kubernetes["1.32"]
  placements = { zone-a = local.placement }
  commands   = ["kubeadm join 10.0.10.10:6443"]

  wait_for_guest_net_timeout = 0
}

module "load_balancer" {
  source = "{{root}}/examples/capv-parity//haproxy"

  name      = "shop-api"
  placement = local.placement
  template  = data.vsphere_virtual_machine_template.kubernetes["1.32"]
  backends  = { shop-0 = "10.0.10.11", shop-1 = "10.0.10.12" }

  wait_for_guest_net_timeout = 0
}

output "load_balancer" {
  value = module.load_balancer.machine.name
}
