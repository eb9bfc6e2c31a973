#!/usr/bin/python3 -IS
"""/usr/lib/katavm/wake: what a guest that was paused, or restored from a memory image, mends when its host wakes it.

Runs only where the domain has the virtio port org.katavm.wake: a clone that boots for its job has none. Serves messages of
lines `KEY VALUE`, ended by `end`, and answers `done ID TIME`, with its own clock, or `failed ID REASON`. On the way it says
`reachable ID`, as soon as an SSH connection meets nothing any more that the image shares: the host opens its own meanwhile.
When the host hangs up after a wake, it ends for good. Everything is done in this process where that is possible: a process
costs an emulated guest 30 to 60 ms, which a launch would wait for.
"""
import binascii
import fcntl
import os
import struct
import time

PORT = '/dev/virtio-ports/org.katavm.wake'
IDENTITY_DISK = '/dev/disk/by-id/virtio-katavm-identity'
IDENTITY = '/run/katavm'
IDENTITY_SCRIPT = '/usr/lib/katavm/identity'
BOOT_ID = '/proc/sys/kernel/random/boot_id'
OWN_BOOT_ID = '/run/katavm/boot_id'
SSHD_PID = '/run/sshd.pid'

# linux/random.h, linux/fs.h, linux/sockios.h
RNDADDENTROPY = 0x40085203
RNDRESEEDCRNG = 0x5207
BLKFLSBUF = 0x1261
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFHWADDR = 0x8913, 0x8914, 0x8924
IFF_UP = 1
ARPHRD_ETHER = 1

LOOK_AGAIN_SECONDS = 0.02


# Without Python's own files: an emulated guest has just been restored, and translates each function that it calls first.
def read(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return b''.join(iter(lambda: os.read(fd, 65536), b'')).decode()
    finally:
        os.close(fd)


def write(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def begin(*argv):
    return argv, os.posix_spawn(argv[0], argv, os.environ)


def end(process):
    argv, pid = process
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != 0:
        raise OSError(f'{" ".join(argv)} ended with {code}')


def wait_until(what, seconds, holds):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise OSError(f'waited {seconds} s for {what}')
        time.sleep(LOOK_AGAIN_SECONDS)


# ---- before the memory image is taken
sshd_keeps_keys = True


def settle(links):
    """No connection but the guest's own, everything on the disk, and looked up and put in place what a wake needs."""
    global sshd_keeps_keys
    wait_until('the TCP connections to end', 20, lambda: not open_connections())
    sshd_keeps_keys = keeps_keys()
    if not os.path.ismount(BOOT_ID):
        write(OWN_BOOT_ID, read(BOOT_ID))
        end(begin('/bin/mount', '--bind', OWN_BOOT_ID, BOOT_ID))
    if links == 'down':
        # Clones of one image on one network would have one MAC address and one lease until each is woken.
        set_link(up=False)
    os.sync()


def keeps_keys():
    """Up to 9.7 sshd executes itself for each connection, and that one reads the host keys anew; unless it was told -r."""
    if not os.path.exists(SSHD_PID):
        return True
    process = f'/proc/{int(read(SSHD_PID))}'
    if '-r' in read(f'{process}/cmdline').split('\0'):
        return True
    version = version_of_sshd(os.readlink(f'{process}/exe'))
    return version is None or version >= [9, 8]


def version_of_sshd(program):
    output, into = os.pipe()
    # Every version complains of a letter that it does not know, and then says which it is.
    pid = os.posix_spawn(program, ('sshd', '-?'), {}, file_actions=[(os.POSIX_SPAWN_DUP2, into, 2)])
    os.close(into)
    with os.fdopen(output) as file:
        said = file.read()
    os.waitpid(pid, 0)
    parts = said.partition('OpenSSH_')[2].partition('p')[0].split('.')
    return [int(part) for part in parts] if all(part.isdigit() for part in parts) else None


def open_connections():
    listening, time_wait, closed = '0A', '06', '07'
    found = []
    for table in '/proc/net/tcp', '/proc/net/tcp6':
        for line in read(table).splitlines()[1:]:
            remote, state = line.split()[2:4]
            if state not in (listening, time_wait, closed) and not is_loopback(remote.split(':')[0]):
                found.append(remote)
    return found


def is_loopback(address):
    # Words of 32 bits in the host's byte order: 127.0.0.1, ::1, ::ffff:127.0.0.1.
    return address[-8:] == '0100007F' or address == '0' * 24 + '01000000'


# ---- the wake
def set_time(seconds):
    time.clock_settime(time.CLOCK_REALTIME, float(seconds))


def add_entropy(base64):
    data = binascii.a2b_base64(base64)
    fd = os.open('/dev/urandom', os.O_WRONLY)
    try:
        fcntl.ioctl(fd, RNDADDENTROPY, struct.pack('ii', 8 * len(data), len(data)) + data)
        # Without it the generators of each processor go on with the image's key for up to a minute.
        fcntl.ioctl(fd, RNDRESEEDCRNG)
    finally:
        os.close(fd)


def set_machine_id(machine_id):
    # systemd may have mounted another over it, read-only: https://www.freedesktop.org/software/systemd/man/machine-id.html
    writable = os.access('/etc/machine-id', os.W_OK)
    write('/etc/machine-id' if writable else '/run/machine-id', machine_id + '\n')
    if read('/etc/machine-id').strip() != machine_id:
        raise OSError('/etc/machine-id stays what it was')


def set_boot_id(boot_id):
    write(OWN_BOOT_ID, boot_id + '\n')
    if read(BOOT_ID).strip() != boot_id:
        raise OSError(f'{BOOT_ID} stays what it was')


def begin_identity(_):
    global identity
    fd = os.open(IDENTITY_DISK, os.O_RDONLY)
    try:
        # The disk is another one now than the one whose blocks are in the page cache.
        fcntl.ioctl(fd, BLKFLSBUF)
        unpack(os.read(fd, 1 << 20), IDENTITY)
    finally:
        os.close(fd)
    os.environ['KATAVM_UNPACKED'] = 'yes'
    identity = begin('/bin/sh', IDENTITY_SCRIPT)


def end_identity(_):
    end(identity)


def unpack(tar, folder):
    """As tar(1), which an emulated guest takes a quarter of a second to load."""
    at = 0
    while tar[at : at + 1] not in (b'\0', b''):
        name = tar[at : at + 100].rstrip(b'\0').decode()
        mode, size = (int(tar[at + begin : at + end].rstrip(b' \0'), 8) for begin, end in ((100, 107), (124, 135)))
        path = f'{folder}/{name}'
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        new = f'{path}.new'
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        os.write(fd, tar[at + 512 : at + 512 + size])
        os.close(fd)
        keep_label(path, new)
        os.rename(new, path)
        at += 512 + (size + 511) // 512 * 512


def keep_label(path, new):
    """SELinux: sshd may read what has the label that the identity's script gave the earlier file."""
    if os.path.exists('/sys/fs/selinux/enforce') and os.path.exists(path):
        os.setxattr(new, 'security.selinux', os.getxattr(path, 'security.selinux'))


def restart_sshd(_):
    if not sshd_keeps_keys or not os.path.exists(SSHD_PID):
        return
    pid = int(read(SSHD_PID))
    # It writes this file when it listens again; until then there must be none.
    os.unlink(SSHD_PID)
    os.kill(pid, 1)
    wait_until('sshd to listen again', 20, lambda: os.path.exists(SSHD_PID) and read(SSHD_PID).strip())


def set_mac(address):
    set_link(up=False)
    interface_ioctl(SIOCSIFHWADDR, struct.pack('H6s8x', ARPHRD_ETHER, bytes.fromhex(address.replace(':', ''))))
    set_link(up=True)


def set_link(up):
    (flags,) = struct.unpack_from('h', interface_ioctl(SIOCGIFFLAGS, bytes(16)), 16)
    interface_ioctl(SIOCSIFFLAGS, struct.pack('h14x', flags | IFF_UP if up else flags & ~IFF_UP))


def interface_ioctl(request, value):
    import socket

    cards = [name for name in os.listdir('/sys/class/net') if os.path.exists(f'/sys/class/net/{name}/device')]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        return fcntl.ioctl(any_socket, request, struct.pack('16s', cards[0].encode()) + value)


# In this order: nothing may draw random numbers before they differ, nor sshd start before it has its key. The identity's script
# is the longest part, and runs on the other processor meanwhile.
BEFORE_LOGIN = (
    ('entropy', add_entropy),
    ('time', set_time),
    ('identity', begin_identity),
    ('sshd', restart_sshd),
)
BESIDE_LOGIN = (
    ('machine-id', set_machine_id),
    ('boot-id', set_boot_id),
    ('identity', end_identity),
    ('mac', set_mac),
)


def mend(message, parts):
    for key, part in parts:
        if key in message:
            part(message[key])


def answer(message, say):
    """The answer to a message, and whether it was a wake."""
    name = message.pop('id', '-')
    try:
        if 'settle' in message:
            settle(message.pop('settle'))
        message.pop('ping', None)
        unknown = message.keys() - {key for key, _ in BEFORE_LOGIN + BESIDE_LOGIN}
        if unknown:
            raise ValueError(f'this guest cannot mend: {", ".join(sorted(unknown))}')
        mend(message, BEFORE_LOGIN)
        say(f'reachable {name}\n')
        mend(message, BESIDE_LOGIN)
        return f'done {name} {time.time():.6f}\n', bool(message)
    except Exception as error:
        return f'failed {name} {" ".join(str(error).split())}\n', False


def serve(port):
    def say(line):
        os.write(port, line.encode())

    buffer = b''
    woken = False
    while True:
        data = os.read(port, 65536)
        if not data:  # no host is connected
            if woken:
                return
            buffer = b''
            time.sleep(LOOK_AGAIN_SECONDS)
            continue
        buffer += data
        while b'\nend\n' in buffer:
            text, buffer = buffer.split(b'\nend\n', 1)
            pairs = (line.partition(' ') for line in text.decode().splitlines())
            said, wake = answer({key: value for key, _, value in pairs}, say)
            woken = woken or wake
            say(said)


if __name__ == '__main__':
    serve(os.open(PORT, os.O_RDWR))
