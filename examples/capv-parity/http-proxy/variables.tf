variable "http_proxy" {
  description = "The URL of the proxy, such as `http://proxy.example.com:3128`."
  type        = string

  validation {
    condition     = can(regex("^https?://[^/]+$", var.http_proxy))
    error_message = "The proxy must be a URL without a path, such as http://proxy.example.com:3128."
  }
}

variable "https_proxy" {
  description = "The URL of the proxy for HTTPS. Defaults to `http_proxy`."
  type        = string
  default     = null
}

variable "cluster_networks" {
  description = "The networks of pods and services, and the control plane endpoint, such as `[\"192.168.0.0/16\", \"10.96.0.0/12\", \"10.0.10.10\"]`."
  type        = list(string)
  default     = []
}

variable "no_proxy" {
  description = "Further names, domains and networks that are reached without the proxy, such as vCenter and a registry."
  type        = list(string)
  default     = []
}
