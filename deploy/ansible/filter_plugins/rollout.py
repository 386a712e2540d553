"""In which order hosts are deployed to, and what a wave would leave without an edge."""


def _by_region(hosts, regions):
    found = {}
    for host in hosts:
        found.setdefault(regions[host], []).append(host)
    return found


def rollout_order(hosts, regions):
    """
    Spreads every region evenly over the whole order, so that each stretch of it takes about the same share of each.

    hosts: names in the order of the inventory. regions: name -> region. The first comes from the largest region,
    where one edge is missed least.
    """
    places = []
    for region, members in _by_region(hosts, regions).items():
        for index, host in enumerate(members):
            places.append(((index + 0.5) / len(members), region, host))
    return [host for _, _, host in sorted(places)]


def emptied_regions(wave, regions):
    """Regions of more than one edge whose edges would all be away at once. regions: name -> region, of all edges."""
    return sorted(
        region
        for region, members in _by_region(list(regions), regions).items()
        if len(members) > 1 and set(members) <= set(wave)
    )


class FilterModule:
    def filters(self):
        return {"rollout_order": rollout_order, "emptied_regions": emptied_regions}
