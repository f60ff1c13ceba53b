# A load balancer in front of the API servers: a virtual machine from an image with HAProxy.

module "machine" {
  source = "../machine"

  name      = var.name
  placement = var.placement
  template  = var.template
  num_cpus  = 1
  memory    = 1024
  network   = var.network

  ssh_public_keys = var.ssh_public_keys
  files = [{
    path = "/etc/haproxy/haproxy.cfg"
    content = templatefile("${path.module}/haproxy.cfg.tftpl", {
      port     = var.port
      backends = var.backends
    })
  }]
  commands                   = ["systemctl enable haproxy", "systemctl restart haproxy"]
  wait_for_guest_net_timeout = var.wait_for_guest_net_timeout
}
