"""Debian's kernels as real servers behind a running Sluice.

::

    apt, kernels, buildroot   a kernel with its modules and headers, from the archive that this machine uses
    programs, carriers        what runs in the guest, and the two carriers
    initramfs, guest          a virtual machine, and how to talk to it
    wiring                    the lab of tools/lab with the guest on its switch
    probe, checks             what clients see, and what has to be true of it
    report                    one line for each, and the table
"""
