locals {
  # Each cell with another mode, and with the other sharing mode.
  cells = flatten([for bus, number in local.buses : [for m, mode in local.modes : [for s, sharing in ["sharingNone", "sharingMultiWriter"] : {
    label   = "${bus}-${mode}-${sharing}"
    bus     = number
    unit    = m * 2 + s == 7 ? 8 : m * 2 + s
    mode    = local.modes[(m + 1) % 4]
    sharing = s == 0 ? "sharingMultiWriter" : "sharingNone"
  }]]])
}
