"""Network namespaces that look like a small data centre: clients, routers, a load balancer, real servers.

::

    client --access-- router --front-- lb --back-- switch --rs1-- rs1
    far -----far-------'                             |-----rs2--- rs2
                                                     '--inner---- inner --deep-- rs3

``client`` and ``far`` are clients behind a router, ``far`` on a link whose MTU tests make small. ``rs1`` and ``rs2`` share a
segment with the load balancer, ``rs3`` is behind one more router. One-armed, the load balancer has a single interface on
``switch``, where the router is plugged in as well. Addresses: plan.py.
"""
