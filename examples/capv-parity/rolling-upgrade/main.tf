# Worker nodes that are upgraded one after the other: a new machine from the new image first, then the old one is destroyed.

locals {
  zones = sort(keys(var.placements))
}

module "node" {
  source = "../machine"
  count  = var.replicas

  name      = "${var.name}-${count.index}"
  placement = var.placements[local.zones[count.index % length(local.zones)]]
  template  = count.index < var.upgraded ? var.new_template : var.template
  num_cpus  = var.num_cpus
  memory    = var.memory

  ssh_public_keys            = var.ssh_public_keys
  files                      = var.files
  commands                   = var.commands
  wait_for_guest_net_timeout = var.wait_for_guest_net_timeout
}
