locals {
  addresses = 54
  host      = "10.0.0.20"
  password  = "hunter4"
  version   = "1"
  chain     = "PEM"
}

resource "vsphere_supervisor_v2" "s" {
  cluster = "{{moid /DC0/host/DC0_C0}}"
  name    = "supervisor"

  control_plane {
    network {
      backing {
        network = "network-7"
      }
    }
  }

  workloads {
    network {
      vsphere {
        dvpg = "{{moid /DC0/network/DC0_DVPG0}}"
      }
    }

    edge {
      id = "avi"

      lb_address_range {
        address = "172.16.0.200"
        count   = local.addresses
      }

      nsx_advanced {
        host                = local.host
        port                = 443
        username            = "admin"
        password_wo         = local.password
        password_wo_version = local.version
        ca_chain            = local.chain
      }
    }

    kube_api_server_options {}
  }
}
