data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A node of a Windows failover cluster: its own disk and the disk of the cluster are on different controllers.
resource "vsphere_virtual_machine" "node" {
  name             = "node-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id

  num_cpus = 2
  memory   = 4096
  guest_id = "windows2019srv_64Guest"

  controller {
    type       = "scsi"
    bus_number = 0
    scsi_type  = "pvscsi"
  }

  controller {
    type       = "scsi"
    bus_number = 1
    scsi_type  = "pvscsi"
    sharing    = "physicalSharing"
  }

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 60
  }

  disk {
    label                  = "quorum"
    size                   = 1
    application_type       = "MicrosoftWSFC"
    controller_bus_number  = 1
    controller_unit_number = 0
    thin_provisioned       = false
    eagerly_scrub          = true
  }

  # No operating system is installed yet, so there is no IP address to wait for.
  wait_for_guest_net_timeout = 0
}
