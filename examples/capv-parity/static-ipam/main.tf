# Static addresses without DHCP: each machine has an address of a pool, which is declared and checked at plan.

locals {
  prefix    = split("/", var.subnet)[1]
  addresses = { for name, number in var.reservations : name => cidrhost(var.subnet, number) }
}
