# The endpoint of a control plane without a load balancer: kube-vip as a static pod on each node.

locals {
  environment = merge(
    {
      address            = var.address
      port               = tostring(var.port)
      vip_interface      = var.interface
      vip_arp            = "true"
      cp_enable          = "true"
      cp_namespace       = "kube-system"
      vip_leaderelection = "true"
      vip_leaseduration  = "15"
      vip_renewdeadline  = "10"
      vip_retryperiod    = "2"
    },
    # A DNS name: kube-vip gets the address by DHCP, and its leader keeps it.
    can(cidrhost("${var.address}/32", 0)) ? { vip_ddns = "false" } : { vip_ddns = "true" },
  )

  manifest = yamlencode({
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "kube-vip", namespace = "kube-system" }
    spec = {
      hostNetwork = true
      hostAliases = [{ ip = "127.0.0.1", hostnames = ["kubernetes"] }]
      containers = [{
        name            = "kube-vip"
        image           = var.image
        imagePullPolicy = "IfNotPresent"
        args            = ["manager"]
        env             = [for name, value in local.environment : { name = name, value = value }]
        securityContext = { capabilities = { add = ["NET_ADMIN", "NET_RAW"] } }
        volumeMounts    = [{ name = "kubeconfig", mountPath = "/etc/kubernetes/admin.conf" }]
      }]
      volumes = [{ name = "kubeconfig", hostPath = { path = var.kubeconfig, type = "FileOrCreate" } }]
    }
  })
}
