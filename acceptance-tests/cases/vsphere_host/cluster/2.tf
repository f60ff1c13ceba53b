resource "vsphere_tag_category" "rack" {
  name             = "rack"
  cardinality      = "SINGLE"
  associable_types = ["HostSystem"]
}

resource "vsphere_tag" "r1" {
  name        = "r1"
  category_id = vsphere_tag_category.rack.id
}

resource "vsphere_custom_attribute" "owner" {
  name                = "owner"
  managed_object_type = "HostSystem"
}

resource "vsphere_license" "esx" {
  license_key = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"
}

resource "vsphere_host" "h" {
  cluster     = "{{moid /DC0/host/first}}"
  hostname    = "selfsigned1.example.com"
  username    = "root"
  password    = "secret of the host"
  thumbprint  = "a7:48:bb:c1:ad:0d:bb:cb:bd:e4:29:b8:6a:94:24:56:f3:81:ba:09"
  license     = vsphere_license.esx.license_key
  maintenance = true
  lockdown    = "normal"
  tags        = []

  custom_attributes = {
    (vsphere_custom_attribute.owner.id) = "net"
  }

  services {
    ntpd {
      enabled     = true
      policy      = "on"
      ntp_servers = ["ntp1.example.com", "ntp2.example.com"]
    }
  }
}
