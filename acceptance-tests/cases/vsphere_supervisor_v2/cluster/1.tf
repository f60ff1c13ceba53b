data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

data "vsphere_storage_policy" "encryption" {
  name = "VM Encryption Policy"
}

locals {
  size        = "SMALL"
  count       = 1
  floating_ip = "10.11.12.13"
  no_proxy    = ["10.0.0.0/8"]
  dns         = ["192.19.189.10"]
  addresses   = 54
  dns_names   = ["wcp.integration.test", "domain-1.test"]
  repository  = "registry.example.com/images"
  ephemeral   = data.vsphere_storage_policy.vsan.id
}

resource "vsphere_supervisor_v2" "s" {
  cluster = "{{moid /DC0/host/DC0_C0}}"
  name    = "supervisor"

  control_plane {
    size           = local.size
    count          = local.count
    storage_policy = data.vsphere_storage_policy.vsan.id

    network {
      network     = "network-7"
      floating_ip = local.floating_ip

      backing {
        network = "network-7"
      }

      services {
        ntp {
          servers = ["ntp1.example.com"]
        }
      }

      proxy {
        settings_source = "CLUSTER_CONFIGURED"
        http_config     = "http://user:hunter2@proxy.example.com:3128"
        no_proxy_config = local.no_proxy
      }
    }
  }

  workloads {
    network {
      network = "primary"

      vsphere {
        dvpg = "{{moid /DC0/network/DC0_DVPG0}}"
      }

      services {
        ntp {
          servers = ["ntp1.example.com"]
        }

        dns {
          servers        = local.dns
          search_domains = ["domain-1.test", "wcp.integration.test"]
        }
      }

      ip_management {
        dhcp_enabled    = false
        gateway_address = "192.168.1.1/16"

        ip_assignment {
          assignee = "SERVICE"

          range {
            address = "172.24.0.0"
            count   = 65536
          }
        }

        ip_assignment {
          assignee = "NODE"

          range {
            address = "192.168.128.0"
            count   = 256
          }
        }
      }
    }

    edge {
      id = "flb-1"

      lb_address_range {
        address = "172.16.0.200"
        count   = local.addresses
      }

      foundation {
        deployment_target {
          availability = "SINGLE_NODE"
        }

        interface {
          personas = ["FRONTEND"]

          network {
            network_type = "DVPG"

            dvpg_network {
              name    = "network-1"
              network = "dvportgroup-62"
              ipam    = "STATIC"

              ip_config {
                gateway = "172.16.0.1/16"

                ip_range {
                  address = "172.16.0.2"
                  count   = 196
                }
              }
            }
          }
        }

        interface {
          personas = ["WORKLOAD"]

          network {
            network_type = "PRIMARY_WORKLOAD"
          }
        }

        network_services {
          syslog {
            endpoint = "tcp://syslog.example.com:514"
          }
        }
      }
    }

    kube_api_server_options {
      security {
        certificate_dns_names = local.dns_names
      }
    }

    images {
      repository                 = local.repository
      kubernetes_content_library = "1b5d7c1e-7f4d-4a43-8f0a-9a3f1d4b2c10"

      registry {
        hostname = "registry.example.com"
        port     = 443
        username = "puller"
        password = "hunter3"
        ca_chain = "PEM"
      }

      content_library {
        content_library = "2c5d7c1e-7f4d-4a43-8f0a-9a3f1d4b2c11"
      }
    }

    storage {
      ephemeral_storage_policy = local.ephemeral
    }
  }
}

resource "vsphere_namespace" "team" {
  name       = "team"
  supervisor = vsphere_supervisor_v2.s.id
}
