# The images of Kubermatic's vSphere page as templates: OVAs are deployed, and QCOW2 images are converted, uploaded and
# attached to a virtual machine. README.md describes how.

# Images

locals {
  # The lists of the editions. That of kkp-002 is empty.
  documents = {
    "kkp-000" = ["centos-7", "flatcar", "ubuntu-18.04"]
    "kkp-001" = ["centos-7", "flatcar", "ubuntu-20.04", "ubuntu-22.04"]
    "kkp-002" = []
  }

  catalog = {
    "centos-7" = {
      os         = "centos"
      format     = "qcow2"
      source     = "https://cloud.centos.org/centos/7/images/CentOS-7-x86_64-GenericCloud.qcow2"
      guest_id   = "centos7_64Guest"
      cloud_init = true
    }
    "flatcar" = {
      os         = "flatcar"
      format     = "ova"
      source     = "https://stable.release.flatcar-linux.net/amd64-usr/current/flatcar_production_vmware_ova.ova"
      guest_id   = null
      cloud_init = false
    }
    "ubuntu-18.04" = {
      os         = "ubuntu"
      format     = "ova"
      source     = "https://cloud-images.ubuntu.com/releases/18.04/release/ubuntu-18.04-server-cloudimg-amd64.ova"
      guest_id   = null
      cloud_init = true
    }
    "ubuntu-20.04" = {
      os         = "ubuntu"
      format     = "ova"
      source     = "https://cloud-images.ubuntu.com/releases/20.04/release/ubuntu-20.04-server-cloudimg-amd64.ova"
      guest_id   = null
      cloud_init = true
    }
    "ubuntu-22.04" = {
      os         = "ubuntu"
      format     = "ova"
      source     = "https://cloud-images.ubuntu.com/releases/22.04/release/ubuntu-22.04-server-cloudimg-amd64.ova"
      guest_id   = null
      cloud_init = true
    }
  }

  defaults = {
    checksum    = null
    disk_size   = null
    num_cpus    = null
    memory      = null
    ovf_network = "VM Network"
    scsi_type   = "pvscsi"
  }

  documented = {
    for name in local.documents[var.kkp_doc] : name => merge(
      local.defaults,
      local.catalog[name],
      { for key, value in try(var.overrides[name], {}) : key => value if value != null },
    ) if var.names == null || contains(coalesce(var.names, []), name)
  }
  images = merge(local.documented, var.more_images)

  ovas   = { for name, i in local.images : name => i if i.format == "ova" }
  qcow2s = { for name, i in local.images : name => i if i.format == "qcow2" }

  # The step with disk.enableUUID is in kkp-000 and kkp-002 only.
  enable_disk_uuid = (
    var.enable_disk_uuid != null ? var.enable_disk_uuid :
    contains(["kkp-000", "kkp-002"], var.kkp_doc) ? true : null
  )

  vmxnet3_offload_off = var.vmxnet3_offload_off != null ? var.vmxnet3_offload_off : var.kkp_doc == "kkp-001"
  vmxnet3_snippet     = file("${path.module}/vmxnet3-offload-off.yaml")
  extra_config = {
    for name, i in local.images : name => local.vmxnet3_offload_off && i.cloud_init ? {
      "guestinfo.vendordata"          = base64encode(local.vmxnet3_snippet)
      "guestinfo.vendordata.encoding" = "base64"
    } : null
  }

  cluster_images = merge([
    for cluster, c in var.clusters : {
      for name in coalesce(c.images, keys(local.images)) : "${name}-${cluster}" => {
        cluster   = cluster
        image     = name
        network   = c.network
        disk_size = c.disk_size != null ? c.disk_size : local.images[name].disk_size
      }
    }
  ]...)
}

# Placement

data "vsphere_datacenter" "this" {
  name = var.datacenter
}

data "vsphere_compute_cluster" "this" {
  name          = var.compute_cluster
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_datastore" "this" {
  name          = var.datastore
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_network" "this" {
  for_each      = toset(concat([var.network], [for c in var.clusters : c.network]))
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

resource "vsphere_folder" "this" {
  count         = var.create_folder ? 1 : 0
  path          = trim(var.folder, "/")
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.this.id
}

locals {
  folder = var.create_folder ? vsphere_folder.this[0].path : trim(var.folder, "/")
}

# "Importing the OVA": deploy, wait until a snapshot can be taken, set disk.enableUUID, mark as a template.

resource "vsphere_virtual_machine_template" "ova" {
  for_each = local.ovas

  name             = "${var.name_prefix}${each.key}"
  annotation       = "${each.value.os} for KKP, from ${each.value.source}"
  folder           = local.folder
  resource_pool_id = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id     = data.vsphere_datastore.this.id
  num_cpus         = each.value.num_cpus
  memory           = each.value.memory
  enable_disk_uuid = local.enable_disk_uuid
  extra_config     = local.extra_config[each.key]
  snapshot_name    = var.snapshot_name

  ovf_deploy {
    remote_ovf_url    = can(regex("^https?://", each.value.source)) ? each.value.source : null
    local_ovf_path    = can(regex("^https?://", each.value.source)) ? null : each.value.source
    disk_provisioning = "thin"
  }

  network_interface {
    network_id  = data.vsphere_network.this[var.network].id
    ovf_mapping = each.value.ovf_network
  }

  dynamic "disk" {
    for_each = each.value.disk_size[*]
    content {
      size = disk.value
    }
  }
}

# "Importing the QCOW2": convert and upload, create a virtual machine with the disk as its root disk, and a template of it.

resource "vsphere_virtual_disk_image" "qcow2" {
  for_each = local.qcow2s

  datacenter         = var.datacenter
  datastore          = var.datastore
  vmdk_path          = "${trim(var.disk_folder, "/")}/${var.name_prefix}${each.key}.vmdk"
  source             = each.value.source
  format             = "qcow2"
  checksum           = each.value.checksum
  folder             = local.folder
  resource_pool_id   = data.vsphere_compute_cluster.this.resource_pool_id
  create_directories = true
}

# Never powered on: the first boot of each worker node is the first boot of the image.
resource "vsphere_virtual_machine" "qcow2" {
  for_each = local.qcow2s

  name             = "${var.name_prefix}${each.key}-source"
  annotation       = "The source of the template ${var.name_prefix}${each.key}. Do not power it on."
  folder           = local.folder
  resource_pool_id = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id     = vsphere_virtual_disk_image.qcow2[each.key].datastore_id
  guest_id         = each.value.guest_id
  scsi_type        = each.value.scsi_type
  power_state      = "off"

  # Another image replaces the disk, and the disk must not be in use then.
  replace_trigger = join(" ", compact([each.value.source, each.value.checksum]))

  network_interface {
    network_id = data.vsphere_network.this[var.network].id
  }

  disk {
    label        = "root"
    attach       = true
    path         = vsphere_virtual_disk_image.qcow2[each.key].vmdk_path
    datastore_id = vsphere_virtual_disk_image.qcow2[each.key].datastore_id
  }
}

resource "vsphere_virtual_machine_template" "qcow2" {
  for_each = local.qcow2s

  name             = "${var.name_prefix}${each.key}"
  annotation       = "${each.value.os} for KKP, from ${each.value.source}"
  folder           = local.folder
  resource_pool_id = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id     = data.vsphere_datastore.this.id
  num_cpus         = each.value.num_cpus
  memory           = each.value.memory
  enable_disk_uuid = local.enable_disk_uuid
  extra_config     = local.extra_config[each.key]
  snapshot_name    = var.snapshot_name

  clone {
    template_uuid = vsphere_virtual_machine.qcow2[each.key].id
  }

  network_interface {
    network_id = data.vsphere_network.this[var.network].id
  }

  dynamic "disk" {
    for_each = each.value.disk_size[*]
    content {
      size = disk.value
    }
  }
}

locals {
  templates = merge(vsphere_virtual_machine_template.ova, vsphere_virtual_machine_template.qcow2)
}

# "Modifications": a user cluster with a dedicated network has templates of its own.

resource "vsphere_virtual_machine_template" "cluster" {
  for_each = local.cluster_images

  name             = "${var.name_prefix}${each.key}"
  annotation       = "${local.images[each.value.image].os} for the user cluster ${each.value.cluster}"
  folder           = local.folder
  resource_pool_id = data.vsphere_compute_cluster.this.resource_pool_id
  datastore_id     = data.vsphere_datastore.this.id
  enable_disk_uuid = local.enable_disk_uuid
  extra_config     = local.extra_config[each.value.image]
  snapshot_name    = var.snapshot_name

  clone {
    template_uuid = local.templates[each.value.image].id
  }

  network_interface {
    network_id = data.vsphere_network.this[each.value.network].id
  }

  dynamic "disk" {
    for_each = each.value.disk_size[*]
    content {
      size = disk.value
    }
  }
}

# Checks

check "vmxnet3_offload" {
  assert {
    condition = local.vmxnet3_offload_off || alltrue([
      for name, t in local.templates : t.hardware_version < 14 if local.images[name].cloud_init
    ])
    error_message = "Templates with hardware version 14 or later and VMXNET3 can drop the TCP and UDP traffic of Cilium and Canal between nodes: set vmxnet3_offload_off = true, or disable the offload in an OperatingSystemProfile."
  }
}
