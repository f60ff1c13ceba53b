# A control plane with several nodes, spread over the failure domains.

locals {
  zones = sort(keys(var.placements))
  nodes = {
    for i in range(var.replicas) : "${var.name}-${i}" => {
      first = i == 0
      zone  = local.zones[i % length(local.zones)]
    }
  }
}

module "node" {
  source   = "../machine"
  for_each = local.nodes

  name      = each.key
  placement = var.placements[each.value.zone]
  template  = var.template
  num_cpus  = var.num_cpus
  memory    = var.memory
  network   = lookup(var.networks, each.key, null)

  ssh_public_keys            = var.ssh_public_keys
  files                      = var.files
  commands                   = each.value.first ? var.init_commands : var.join_commands
  wait_for_guest_net_timeout = var.wait_for_guest_net_timeout
}

# Nodes in the same zone run on different hosts.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "zone" {
  for_each = {
    for zone in local.zones : zone => [for name, node in local.nodes : name if node.zone == zone]
    if length([for node in local.nodes : node if node.zone == zone]) > 1
  }

  name                = "${var.name}-${each.key}"
  compute_cluster_id  = var.placements[each.key].compute_cluster_id
  virtual_machine_ids = [for name in each.value : module.node[name].machine.id]
}
