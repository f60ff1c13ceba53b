data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

data "vsphere_virtual_machine_template" "ubuntu" {
  name = "/dc1/vm/ubuntu-24.04"
}

resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  firmware         = data.vsphere_virtual_machine_template.ubuntu.firmware

  wait_for_guest_net_timeout = 0

  clone {
    template_uuid = data.vsphere_virtual_machine_template.ubuntu.id
  }

  controller {
    type       = "scsi"
    bus_number = 0
    scsi_type  = "pvscsi"
  }

  # For the disks of a Windows failover cluster.
  controller {
    type       = "scsi"
    bus_number = 1
    scsi_type  = "pvscsi"
    sharing    = "physicalSharing"
  }

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  # The disk of the image, by its address.
  disk {
    label                  = "os-disk"
    controller_type        = "scsi"
    controller_bus_number  = 0
    controller_unit_number = 0
  }

  disk {
    label                  = "oracle-data"
    size                   = 100
    application_type       = "OracleRAC"
    controller_bus_number  = 0
    controller_unit_number = 1
    thin_provisioned       = false
    eagerly_scrub          = true
  }

  disk {
    label                  = "quorum"
    size                   = 1
    application_type       = "MicrosoftWSFC"
    controller_bus_number  = 1
    controller_unit_number = 0
    thin_provisioned       = false
    eagerly_scrub          = true
    keep_on_remove         = true
  }
}

# A first class disk is what a PersistentVolumeClaim is in vSphere. It is kept when it is detached.
resource "vsphere_first_class_disk" "my_pvc" {
  name         = "my-pvc"
  datastore_id = data.vsphere_datastore.ssd1.id
  size         = 8
}

resource "vsphere_virtual_disk_attachment" "my_disk_1" {
  virtual_machine_id    = vsphere_virtual_machine.my_vm.id
  path                  = vsphere_first_class_disk.my_pvc.path
  controller_type       = "scsi"
  controller_bus_number = 0
  unit_number           = 2
}
