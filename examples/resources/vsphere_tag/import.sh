# By the names of the tag category and the tag, as JSON.
terraform import 'vsphere_tag.team["web"]' '{"category_name": "team", "tag_name": "web"}'
