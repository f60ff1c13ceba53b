locals {
  cpus      = 4
  datastore = "{{moid /DC0/datastore/LocalDS_0}}"
}
