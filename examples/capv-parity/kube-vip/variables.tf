variable "address" {
  description = "The virtual IPv4 address of the control plane, or its DNS name if there is no static address."
  type        = string
}

variable "port" {
  description = "The port of the API servers."
  type        = number
  default     = 6443
}

variable "interface" {
  description = "The name of the network interface in the guest."
  type        = string
  default     = "ens192"
}

variable "image" {
  description = "The container image of kube-vip."
  type        = string
  default     = "ghcr.io/kube-vip/kube-vip:v0.8.9"
}

variable "kubeconfig" {
  description = "The kubeconfig on the node. The first node of Kubernetes 1.29 or later requires `/etc/kubernetes/super-admin.conf`."
  type        = string
  default     = "/etc/kubernetes/admin.conf"
}
