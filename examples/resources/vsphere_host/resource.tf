data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

variable "esx_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = "VMware1!"
}

resource "vsphere_host" "esx1" {
  cluster  = data.vsphere_compute_cluster.c1.id
  hostname = "esx1.example.com"
  username = "root"

  # The password is stored in neither the plan nor the state. To use a new password, change the version as well.
  password_wo         = var.esx_password
  password_wo_version = "1"

  lockdown = "normal"

  services {
    ntpd {
      enabled     = true
      policy      = "on"
      ntp_servers = ["ntp1.example.com", "ntp2.example.com"]
    }
  }
}
