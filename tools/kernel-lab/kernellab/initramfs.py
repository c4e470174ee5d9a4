"""The guest's file system: busybox, the drivers of its kernel, and what is tested. Everything is in memory."""

import gzip
import lzma
import os
import shutil
import subprocess

from kernellab.programs import HERE

DRIVERS = ("virtio_pci", "virtio_net")


def write_initramfs(file, programs, drivers, modules, settings):
    """Writes an initramfs beside the directory that it is put together in.

    ``programs``: {name: file}. ``drivers``: kernel modules in the order in which they are loaded. ``modules``: others, which only
    have to be there. ``settings``: {name: value} for init.
    """
    directory = file + ".d"
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(os.path.join(directory, "bin"))
    os.makedirs(os.path.join(directory, "modules"))
    shutil.copy(_busybox(), os.path.join(directory, "bin", "busybox"))
    shutil.copy(os.path.join(HERE, "guest", "init"), os.path.join(directory, "init"))
    for name, program in programs.items():
        shutil.copy(program, os.path.join(directory, name))
        subprocess.run(["strip", os.path.join(directory, name)], check=True)
    order = [_unpack_module(driver, directory) for driver in drivers]
    for module in modules:
        subprocess.run(["strip", "-g", os.path.join(directory, "modules", _unpack_module(module, directory))], check=True)
    _write(os.path.join(directory, "modules", "order"), "".join(name + "\n" for name in order))
    _write(os.path.join(directory, "init.conf"), "".join(f"{name}={value}\n" for name, value in settings.items()))
    names = sorted(os.path.relpath(os.path.join(folder, entry), directory)
                   for folder, folders, files in os.walk(directory) for entry in folders + files)
    archive = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=directory, check=True,
                             input="\n".join(names).encode(), stdout=subprocess.PIPE).stdout
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write(archive)
    shutil.rmtree(directory)


def _busybox():
    busybox = shutil.which("busybox")
    if not busybox:
        raise RuntimeError("busybox is missing: apt-get install busybox-static")
    return busybox


def _unpack_module(file, directory):
    """Puts a module into the directory, uncompressed; gives its name there."""
    name = os.path.basename(file).removesuffix(".xz")
    with (lzma.open if file.endswith(".xz") else open)(file, "rb") as module:
        with open(os.path.join(directory, "modules", name), "wb") as out:
            shutil.copyfileobj(module, out)
    return name


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
