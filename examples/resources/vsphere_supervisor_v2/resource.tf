data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

variable "avi_password" {
  type      = string
  sensitive = true
  default   = "change-me"
}

resource "vsphere_supervisor_v2" "c1" {
  name    = "c1"
  cluster = data.vsphere_compute_cluster.c1.id

  control_plane {
    size           = "SMALL"
    storage_policy = data.vsphere_storage_policy.vsan.id

    network {
      backing {
        network = data.vsphere_network.web.id
      }

      services {
        dns {
          servers        = ["10.0.0.250"]
          search_domains = ["example.com"]
        }

        ntp {
          servers = ["ntp.example.com"]
        }
      }

      ip_management {
        gateway_address = "10.0.0.1/24"

        ip_assignment {
          assignee = "NODE"

          range {
            address = "10.0.0.150"
            count   = 5
          }
        }
      }
    }
  }

  workloads {
    network {
      vsphere {
        dvpg = data.vsphere_network.web.id
      }

      services {
        dns {
          servers        = ["10.0.0.250"]
          search_domains = ["example.com"]
        }

        ntp {
          servers = ["ntp.example.com"]
        }
      }

      ip_management {
        gateway_address = "10.0.1.1/24"

        ip_assignment {
          assignee = "NODE"

          range {
            address = "10.0.1.50"
            count   = 100
          }
        }

        ip_assignment {
          assignee = "SERVICE"

          range {
            address = "10.96.0.0"
            count   = 512
          }
        }
      }
    }

    edge {
      lb_address_range {
        address = "10.0.1.200"
        count   = 50
      }

      nsx_advanced {
        host                = "10.0.0.20"
        port                = 443
        username            = "admin"
        password_wo         = var.avi_password
        password_wo_version = "1"
        ca_chain            = file("avi.pem")
      }
    }

    kube_api_server_options {
      security {
        certificate_dns_names = ["supervisor.example.com"]
      }
    }
  }
}
