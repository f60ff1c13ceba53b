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
      nsx_advanced {
        host     = "10.0.0.20"
        port     = 443
        username = "admin"
        password = "hunter4"
        ca_chain = "PEM"
      }
    }

    kube_api_server_options {}
  }

  timeouts {
    create = "10s"
  }
}
