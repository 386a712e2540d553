terraform {
  required_providers {
    digitalocean = {
      source = "digitalocean/digitalocean"
    }
  }
}

data "digitalocean_kubernetes_versions" "wanted" {
  version_prefix = var.version_prefix
}

resource "digitalocean_kubernetes_cluster" "pop" {
  name                 = var.name
  region               = var.region
  version              = data.digitalocean_kubernetes_versions.wanted.latest_version
  vpc_uuid             = var.vpc_id
  ha                   = var.ha
  auto_upgrade         = true
  surge_upgrade        = true
  registry_integration = var.registry
  tags                 = ["eddy", var.name]

  # Patches come in the quietest hour of the week (UTC).
  maintenance_policy {
    day        = "tuesday"
    start_time = "03:00"
  }

  # Nodes leave as slowly as edges do: players moved for nothing cost more than a node for half an hour.
  cluster_autoscaler_configuration {
    scale_down_utilization_threshold = 0.5
    scale_down_unneeded_time         = "30m"
  }

  dynamic "control_plane_firewall" {
    for_each = length(var.operators) > 0 ? [var.operators] : []

    content {
      enabled           = true
      allowed_addresses = control_plane_firewall.value
    }
  }

  # What keeps state and what the cluster itself needs; a cluster cannot be without a first pool.
  node_pool {
    name       = "${var.name}-base"
    size       = "s-4vcpu-8gb"
    auto_scale = true
    min_nodes  = 3
    max_nodes  = 5
    tags       = ["eddy", "eddy-base"]
  }

  lifecycle {
    # auto_upgrade moves it.
    ignore_changes = [version]
  }
}

resource "digitalocean_kubernetes_node_pool" "edges" {
  for_each = var.pools

  cluster_id = digitalocean_kubernetes_cluster.pop.id
  name       = each.key
  size       = each.value.size
  auto_scale = true
  min_nodes  = each.value.min_nodes
  max_nodes  = each.value.max_nodes
  tags       = ["eddy", "eddy-edges"]

  dynamic "taint" {
    for_each = each.value.dedicated ? ["eddy/edges-only"] : []

    content {
      key    = taint.value
      value  = "true"
      effect = "NoSchedule"
    }
  }
}
