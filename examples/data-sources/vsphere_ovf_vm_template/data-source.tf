data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
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

data "vsphere_ovf_vm_template" "appliance" {
  name              = "appliance"
  resource_pool_id  = data.vsphere_compute_cluster.c1.resource_pool_id
  host_system_id    = data.vsphere_host.esx1.id
  datastore_id      = data.vsphere_datastore.ssd1.id
  local_ovf_path    = "${path.module}/appliance.ova"
  disk_provisioning = "thin"

  ovf_network_map = {
    nat = data.vsphere_network.web.id
  }
}

output "hardware" {
  value = "${data.vsphere_ovf_vm_template.appliance.num_cpus} CPUs, ${data.vsphere_ovf_vm_template.appliance.memory} MiB"
}
