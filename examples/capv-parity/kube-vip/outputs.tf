output "files" {
  description = "The manifest of the static pod, for `files` of the module `ha-control-plane`."
  value       = [{ path = "/etc/kubernetes/manifests/kube-vip.yaml", content = local.manifest, permissions = "0600" }]
}

output "endpoint" {
  description = "The control plane endpoint, for `kubeadm init --control-plane-endpoint`."
  value       = "${var.address}:${var.port}"
}
