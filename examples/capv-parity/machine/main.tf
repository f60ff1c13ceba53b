# A machine of Cluster API: a virtual machine that is set up at its first boot, and is replaced rather than changed.

locals {
  user_data = join("\n", ["#cloud-config", yamlencode({
    ssh_authorized_keys = var.ssh_public_keys
    write_files         = var.files
    runcmd              = var.commands
  })])

  network_config = yamlencode({
    version = 2
    ethernets = {
      (var.interface) = {
        for key, value in {
          dhcp4       = true
          addresses   = [try(var.network.address, "")]
          routes      = [{ to = "0.0.0.0/0", via = try(var.network.gateway, "") }]
          nameservers = { addresses = try(var.network.dns_servers, []) }
        } : key => value if(key == "dhcp4") == (var.network == null)
      }
    }
  })

  # Another image, or other data for the first boot, is another machine: with another name, so that both can exist.
  generation = nonsensitive(substr(sha256(jsonencode([var.template.id, local.user_data, local.network_config])), 0, 5))
  name       = "${var.name}-${local.generation}"
}

resource "vsphere_virtual_machine" "this" {
  name             = local.name
  folder           = var.placement.folder
  resource_pool_id = var.placement.resource_pool_id
  datastore_id     = var.placement.datastore_id

  num_cpus = var.num_cpus
  memory   = var.memory
  guest_id = var.template.guest_id
  firmware = var.template.firmware

  # The vSphere storage driver finds volumes by the UUIDs of the disks.
  enable_disk_uuid = true

  replace_trigger            = local.generation
  wait_for_guest_net_timeout = var.wait_for_guest_net_timeout

  clone {
    template_uuid = var.template.id
  }

  network_interface {
    network_id = var.placement.network_id
  }

  disk {
    label = "root"
    size  = var.disk_size
  }

  cloud_init {
    hostname       = local.name
    network_config = local.network_config
    user_data      = local.user_data
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The rule of the failure domain keeps the members of the group on the hosts of the zone.
resource "vsphere_compute_cluster_vm_group_member" "zone" {
  count = var.placement.vm_group_name == null ? 0 : 1

  compute_cluster_id = var.placement.compute_cluster_id
  vm_group_name      = var.placement.vm_group_name
  virtual_machine_id = vsphere_virtual_machine.this.id
}
