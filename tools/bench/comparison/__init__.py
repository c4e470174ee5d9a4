"""Sluice beside what users would pick instead: one topology, one run, in turn.

::

    client c0 --front-- lb0 LB lb1 --back-- r0 server
      |                                       |
    hold0 (tun)                             hold0 (tun)      ends of held connections: addresses that no kernel owns

A *stage* is a layout (which core does what), offloads, and a number of held connections. In each *round* of a stage every
*contender* gets a load balancer namespace of its own, is checked to answer rightly, and does every *work*. A work gives *figures*;
what is reported are the medians of the ratios within rounds.
"""
