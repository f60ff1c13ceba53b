data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_ip_pool" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
  network_ids   = [data.vsphere_network.web.id]
  dns_domain    = "example.com"

  ipv4 {
    subnet_address = "192.0.2.0"
    netmask        = "255.255.255.0"
    gateway        = "192.0.2.1"
    range          = "192.0.2.10#40"
    dns_servers    = ["192.0.2.2"]
  }
}
