# Two kinds of one thing, and none of another
resource "vsphere_supervisor_v2" "s" {
  name    = "s"
  cluster = "domain-c8"
  zones   = ["zone-1"]

  control_plane {
    count = 2
    size  = "HUGE"

    network {
      backing {}

      proxy {
        settings_source = "NONE"
        http_config     = "http://user:hunter2@proxy.example.com"
      }
    }
  }

  workloads {
    network {
      vsphere {
        dvpg = "dvportgroup-1"
      }

      nsx {
        dvs = "50"
      }

      ip_management {
        gateway_address = "192.168.1.1"
      }
    }

    edge {
      foundation {
        interface {
          personas = ["FRONTEND"]

          network {
            network_type = "DVPG"
          }
        }
      }

      haproxy {
        username    = "u"
        password    = "hunter2"
        password_wo = "hunter2"
        ca_chain    = "PEM"

        server {
          host = "proxy.example.com"
          port = 0
        }
      }
    }

    kube_api_server_options {}
  }
}
