output "files" {
  description = "The settings of the host and of containerd, for `files` of the modules `machine` and `ha-control-plane`."
  value = [
    {
      path        = "/etc/profile.d/http-proxy.sh"
      content     = join("", [for name, value in local.variables : "export ${name}=\"${value}\"\n"])
      permissions = "0644"
    },
    {
      path        = "/etc/systemd/system/containerd.service.d/http-proxy.conf"
      content     = "[Service]\n${join("", [for name, value in local.variables : "Environment=\"${name}=${value}\"\n"])}"
      permissions = "0644"
    },
  ]
}

output "commands" {
  description = "The commands that apply the settings. They must be the first ones."
  value       = ["systemctl daemon-reload", "systemctl restart containerd"]
}

output "no_proxy" {
  description = "What is reached without the proxy."
  value       = local.no_proxy
}
