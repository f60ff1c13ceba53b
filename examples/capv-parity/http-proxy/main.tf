# An HTTP proxy for the host and for the container runtime. Proxies of pods are up to Kubernetes.

locals {
  no_proxy = join(",", distinct(concat(
    ["localhost", "127.0.0.1", ".svc", ".cluster.local"],
    var.cluster_networks,
    var.no_proxy,
  )))

  # Programs read either spelling.
  variables = merge([
    for name, value in {
      http_proxy  = var.http_proxy
      https_proxy = coalesce(var.https_proxy, var.http_proxy)
      no_proxy    = local.no_proxy
    } : { (name) = value, (upper(name)) = value }
  ]...)
}
