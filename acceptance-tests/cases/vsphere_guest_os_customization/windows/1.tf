resource "vsphere_guest_os_customization" "s" {
  name = "windows"
  type = "Windows"
  spec {
    windows_options {
      computer_name         = "WIN1"
      admin_password        = "hunter2hunter2"
      join_domain           = "example.com"
      domain_admin_user     = "joiner"
      domain_admin_password = "join-me-please"
      run_once_command_list = ["cmd /c echo hello"]
      time_zone             = 110
    }
    network_interface {
      dns_server_list = ["10.0.0.2"]
      ipv4_address    = "10.0.0.5"
      ipv4_netmask    = 24
    }
    ipv4_gateway = "10.0.0.1"
  }
}
