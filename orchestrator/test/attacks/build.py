# Run by a hostile series' make file, within the build: tries what must not be possible, and says of each attempt how it went.
#
#   build.py HOST:PORT,... ABSTRACT-SOCKET LAB-FOLDER
import os
import socket
import sys

targets, abstract, home = sys.argv[1:4]


def attempt(name, deed):
    try:
        said = deed()
    except BaseException as error:
        said = 'refused, %s: %s' % (type(error).__name__, error)
    print('attack %s = %s' % (name, said), file=sys.stderr, flush=True)


def tcp(target):
    host, port = target.rsplit(':', 1)
    socket.create_connection((host, int(port)), 2)
    return 'CONNECTED'


def abstract_socket():
    socket.socket(socket.AF_UNIX).connect('\0' + abstract)
    return 'CONNECTED'


def write(path):
    with open(path, 'w') as file:
        file.write('attack')
    return 'WRITTEN'


def read(path):
    with open(path, 'rb') as file:
        return 'READ %r' % file.read(20)


def mounts():
    with open('/proc/self/mountinfo') as file:
        rows = [line.split() for line in file]
    kernels = ('proc', 'sysfs', 'tmpfs', 'cgroup', 'cgroup2', 'devpts', 'mqueue', 'overlay')
    return sorted(row[4] for row in rows if row[row.index('-') + 1] not in kernels)


def processes():
    names = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        with open('/proc/%s/comm' % pid) as file:
            names.append(file.read().strip())
    return sorted(set(names))


def forks():
    children = []
    try:
        while len(children) < 5000:
            pid = os.fork()
            if pid == 0:
                os.read(os.pipe()[0], 1)
                os._exit(0)
            children.append(pid)
    except OSError:
        pass
    for pid in children:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return len(children)


def status(key):
    with open('/proc/self/status') as file:
        return next(line.split(None, 1)[1].strip() for line in file if line.startswith(key + ':'))


def become_root():
    os.setuid(0)
    return 'ROOT'


def own_namespace():
    import ctypes
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), 'unshare')
    return 'UNSHARED'


def make_device():
    os.mknod('/tmp/disk', 0o060666, os.makedev(8, 0))
    return 'MADE'


def earlier_prefix():
    """The patch before has been built: its kernel is another series' too."""
    done = []
    for name in sorted(os.listdir('/out')):
        kernel = os.path.join('/out', name, 'vmlinux')
        if os.path.isfile(kernel):
            os.unlink(kernel)
            write(kernel)
            os.rename(os.path.dirname(kernel), '/out/moved')
            os.symlink('/etc', os.path.dirname(kernel))
            done.append(name)
    return done


for target in targets.split(','):
    attempt('tcp', lambda: tcp(target))
attempt('dns', lambda: socket.getaddrinfo('deb.debian.org', 80))
attempt('abstract socket', abstract_socket)
attempt('interfaces', lambda: sorted(os.listdir('/sys/class/net')))
attempt('mounts', mounts)
attempt('processes', processes)
attempt('environment', lambda: sorted(os.environ))
attempt('user', lambda: '%d %s' % (os.getuid(), status('CapBnd')))
attempt('no new privileges', lambda: status('NoNewPrivs'))
attempt('root', become_root)
attempt('namespace', own_namespace)
attempt('device', make_device)
attempt('devices', lambda: sorted(os.listdir('/dev')))
attempt('forks', forks)
for path in ('tokens.json', 'runs', 'kernels', 'redis/redis.sock'):
    attempt('lab', lambda: read(os.path.join(home, path)))
for path in ('/var/run/docker.sock', '/run/docker.sock', '/etc/shadow', '/dev/kvm', '/dev/sda', '/dev/mem'):
    attempt('host', lambda: read(path))
for path in ('/in-builder/build-patched.sh', '/in-builder/x', '/patches/x', '/taken/x', '/etc/passwd', '/ccache/x', os.path.join(home, 'x')):
    attempt('write', lambda: write(path))
attempt('poison the tree', lambda: write('/work/linux/poisoned'))
attempt('poison the compiler', lambda: write('/usr/bin/gcc'))
attempt('earlier prefix', earlier_prefix)
