locals {
  names = ["b", "c", "d"]
}
