# What a user cluster has on vSphere: a folder, a tag category with tags, a template, and worker nodes that are cloned from
# it and set up with cloud-init or Ignition.

locals {
  worker_list = flatten([
    for pool, p in var.pools : [
      for i in range(p.replicas) : {
        name    = "${var.name}-${pool}-${i}"
        pool    = pool
        address = length(p.addresses) == 0 ? null : p.addresses[i]
      }
    ]
  ])
  workers = { for w in local.worker_list : w.name => w }
}

# Placement

data "vsphere_datacenter" "this" {
  name = var.datacenter
}

data "vsphere_compute_cluster" "this" {
  name          = var.compute_cluster
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_network" "this" {
  name          = var.network
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_datastore" "this" {
  count         = var.datastore == null ? 0 : 1
  name          = var.datastore
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_datastore_cluster" "this" {
  count         = var.datastore_cluster == null ? 0 : 1
  name          = var.datastore_cluster
  datacenter_id = data.vsphere_datacenter.this.id
}

resource "vsphere_folder" "this" {
  count         = var.folder == null ? 1 : 0
  path          = trim("${trim(var.parent_folder, "/")}/${var.name}", "/")
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.this.id
}

locals {
  folder               = var.folder == null ? vsphere_folder.this[0].path : trim(var.folder, "/")
  datastore_id         = one(data.vsphere_datastore.this[*].id)
  datastore_cluster_id = one(data.vsphere_datastore_cluster.this[*].id)
}

# Tags

resource "vsphere_tag_category" "this" {
  count            = var.tag_category == null ? 1 : 0
  name             = "kkp-${var.name}"
  description      = "Tags of the user cluster ${var.name}"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder", "VirtualMachine"]
}

locals {
  tag_category_id = var.tag_category == null ? vsphere_tag_category.this[0].id : var.tag_category.id
}

resource "vsphere_tag" "this" {
  for_each    = var.tags
  name        = each.key
  category_id = local.tag_category_id
}

# The template

data "vsphere_virtual_machine_template" "this" {
  count = var.template_path == null ? 0 : 1
  name  = var.template_path
}

resource "vsphere_virtual_machine_template" "this" {
  count = var.ova == null ? 0 : 1

  name                 = "${var.name}-template"
  folder               = local.folder
  resource_pool_id     = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id         = local.datastore_id
  datastore_cluster_id = local.datastore_cluster_id
  enable_disk_uuid     = true

  ovf_deploy {
    remote_ovf_url    = can(regex("^https?://", var.ova.source)) ? var.ova.source : null
    local_ovf_path    = can(regex("^https?://", var.ova.source)) ? null : var.ova.source
    disk_provisioning = "thin"
  }

  network_interface {
    network_id  = data.vsphere_network.this.id
    ovf_mapping = var.ova.ovf_network
  }
}

locals {
  template = one([
    for t in concat(var.template[*], data.vsphere_virtual_machine_template.this, vsphere_virtual_machine_template.this) :
    { id = t.id, name = t.name, guest_id = t.guest_id, firmware = t.firmware }
  ])
}

# The first boot

locals {
  user_data = join("\n", ["#cloud-config", yamlencode({
    ssh_authorized_keys = var.ssh_public_keys
    runcmd              = var.bootstrap_commands
  })])

  network_configs = {
    for name, w in local.workers : name => yamlencode({
      version = 2
      ethernets = {
        (var.interface) = {
          for key, value in {
            dhcp4       = true
            addresses   = [w.address]
            routes      = [{ to = "0.0.0.0/0", via = var.gateway }]
            nameservers = { addresses = var.dns_servers }
          } : key => value if(key == "dhcp4") == (w.address == null)
        }
      }
    })
  }
}

# The same for Flatcar.
locals {
  networkd = {
    for name, w in local.workers : name => join("\n", concat(
      ["[Match]", "Name=${var.interface}", "[Network]"],
      w.address == null ? ["DHCP=ipv4"] : concat(
        ["Address=${w.address}", "Gateway=${var.gateway}"],
        [for server in var.dns_servers : "DNS=${server}"],
      ),
      [""],
    ))
  }

  ignition_files = {
    for name, _ in local.workers : name => {
      "/etc/hostname"                                    = { mode = 420, text = "${name}\n" }
      "/etc/systemd/network/00-${var.interface}.network" = { mode = 420, text = local.networkd[name] }
      "/opt/kkp/bootstrap.sh"                            = { mode = 448, text = join("\n", concat(["#!/bin/bash", "set -e"], var.bootstrap_commands, [""])) }
    }
  }

  ignition_configs = {
    for name, files in local.ignition_files : name => jsonencode({
      ignition = { version = "3.3.0" }
      passwd   = { users = [{ name = "core", sshAuthorizedKeys = var.ssh_public_keys }] }
      storage = {
        files = [
          for path, f in files : {
            path      = path
            mode      = f.mode
            overwrite = true
            contents  = { source = "data:;base64,${base64encode(f.text)}" }
          }
        ]
      }
      systemd = {
        units = [{
          name     = "kkp-bootstrap.service"
          enabled  = true
          contents = file("${path.module}/kkp-bootstrap.service")
        }]
      }
    })
  }
}

resource "vsphere_cloud_init_iso" "worker" {
  for_each = var.bootstrap == "iso" ? local.workers : {}

  datacenter         = var.datacenter
  datastore          = coalesce(var.iso_datastore, var.datastore)
  path               = "kkp-cloud-init/${each.key}/cloud-init.iso"
  create_directories = true

  user_data      = local.user_data
  vendor_data    = var.vendor_data
  network_config = local.network_configs[each.key]
  meta_data = yamlencode({
    instance-id    = each.key
    local-hostname = each.key
  })
}

# Worker nodes

resource "vsphere_virtual_machine" "worker" {
  for_each = local.workers

  name                 = each.key
  folder               = local.folder
  resource_pool_id     = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id         = local.datastore_id
  datastore_cluster_id = local.datastore_cluster_id
  tags                 = [for t in vsphere_tag.this : t.id]

  num_cpus = var.pools[each.value.pool].num_cpus
  memory   = var.pools[each.value.pool].memory
  guest_id = local.template.guest_id
  firmware = local.template.firmware

  # The vSphere storage driver finds volumes by the UUIDs of the disks.
  enable_disk_uuid = true

  # Worker nodes are not changed in place: another template replaces them.
  replace_trigger = local.template.id

  wait_for_guest_net_timeout = var.wait_for_guest_net_timeout

  clone {
    template_uuid = local.template.id
  }

  network_interface {
    network_id = data.vsphere_network.this.id
  }

  # Volumes of Kubernetes are further disks. The configuration does not declare them: they are kept, also on destroy.
  disk {
    label = "root"
    size  = var.pools[each.value.pool].disk_size
  }

  dynamic "cloud_init" {
    for_each = var.bootstrap == "guestinfo" ? [each.key] : []
    content {
      hostname       = cloud_init.value
      network_config = local.network_configs[cloud_init.value]
      user_data      = local.user_data
      vendor_data    = var.vendor_data
    }
  }

  dynamic "ignition" {
    for_each = var.bootstrap == "ignition" ? [each.key] : []
    content {
      config = local.ignition_configs[ignition.value]
    }
  }

  dynamic "cdrom" {
    for_each = var.bootstrap == "iso" ? [vsphere_cloud_init_iso.worker[each.key]] : []
    content {
      datastore_id = cdrom.value.datastore_id
      path         = cdrom.value.path
    }
  }
}
