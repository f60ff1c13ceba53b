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
        count   = 54
      }

      nsx_advanced {
        host                = "10.0.0.21"
        port                = 443
        username            = "admin"
        password_wo         = "hunter4"
        password_wo_version = "1"
        ca_chain            = "PEM"
      }
    }

    kube_api_server_options {}
  }
}
