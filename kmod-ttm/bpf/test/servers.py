# SPDX-License-Identifier: GPL-2.0-only
"""The sample servers, and how each is started on this machine: with every Java there is, from the oldest that will do."""
import glob
import os
import re
import subprocess
import sys

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools/ttm-samples')
JAR = os.path.join(SAMPLES, 'java/server/target/ttm-server-0.1.0-SNAPSHOT.jar')
SOURCE = os.path.join(SAMPLES, 'java22/TtmServer.java')
TELL_DESCRIPTORS = ('--add-exports', 'java.base/sun.nio.ch=ALL-UNNAMED')
FIRST_JAVA_WITH_FFM = 22


def java_homes():
    """{feature version: directory}; SLUICE_JAVA_HOMES names more, separated by colons."""
    named = os.environ.get('SLUICE_JAVA_HOMES', '').split(':') + [os.environ.get('JAVA_HOME', '')]
    homes = {}
    for home in {os.path.realpath(home) for home in glob.glob('/usr/lib/jvm/*') + named if home}:
        try:
            said = subprocess.run([os.path.join(home, 'bin/java'), '-version'], capture_output=True, text=True, timeout=60).stderr
        except OSError:
            continue  # no Java is here
        version = re.search(r'version "(?:1\.)?(\d+)', said)
        if version:
            homes[int(version.group(1))] = home
    return dict(sorted(homes.items()))


def java_servers():
    """Without flags, the JDK of Java 16 and newer does not tell descriptors, and the client is searched for."""
    servers = {}
    for version, home in java_homes().items():
        java = [os.path.join(home, 'bin/java'), '-XX:TieredStopAtLevel=1']
        if version > 16:
            java.append('--enable-native-access=ALL-UNNAMED')
        if version >= 8 and os.path.exists(JAR):
            servers[f'Java {version}'] = [*java, '-jar', JAR]
            servers[f'Java {version}, plain sockets'] = [*java, '-jar', JAR, '--plain-socket']
            servers[f'Java {version}, searching'] = [*java, '-cp', JAR, 'io.sluice.ttm.sample.TtmServer']
        # Source is compiled at each start, which needs the compiler of a JDK.
        if version >= FIRST_JAVA_WITH_FFM and os.path.exists(os.path.join(home, 'bin/javac')):
            servers[f'Java {version} source'] = [*java, *TELL_DESCRIPTORS, SOURCE]
            servers[f'Java {version} source, searching'] = [*java, SOURCE]
    return servers


def all_servers():
    """{name: command} of what can run here."""
    servers = {'Python': [sys.executable, os.path.join(SAMPLES, 'python/ttm_server.py')], **java_servers()}
    for name, folder in (('C', 'c'), ('Go', 'go')):
        program = os.path.join(SAMPLES, folder, 'build/ttm-server')
        if os.path.exists(program):
            servers[name] = [program]
    return servers


def missing(servers):
    """Why a sample is not among these."""
    wanted = {'C': 'no C compiler', 'Go': 'no Go compiler', f'Java {FIRST_JAVA_WITH_FFM}+ source': f'no JDK {FIRST_JAVA_WITH_FFM} or newer',
              'Java 8+': 'no Java, or no Maven to build it'}

    def is_there(name):
        if name == 'Java 8+':
            return any(re.fullmatch(r'Java \d+', server) for server in servers)
        return any(server.endswith(' source') for server in servers) if name.endswith(' source') else name in servers

    return {name: reason for name, reason in wanted.items() if not is_there(name)}
