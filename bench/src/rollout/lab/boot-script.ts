/**
 * Boots a machine: $1 its folder, $2 its name, $3 a name for its control group. Its disk is this machine's with all
 * writes in the folder, its devices are those a container has, and systemd is process 1 in namespaces of its own. Run
 * by `unshare --mount`, so that what it mounts is gone with it.
 */
export const BOOT_SCRIPT = `set -e
mkdir -p "$1/cgroup" "$1/upper" "$1/work" "$1/root"
mount -t cgroup2 cgroup2 "$1/cgroup"
mkdir "$1/cgroup/$3"
echo $$ > "$1/cgroup/$3/cgroup.procs"
exec unshare --cgroup --pid --fork --kill-child --net --uts --ipc --mount sh -ec '
R=$1/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$R"
mount -t proc proc "$R/proc"
mount -t sysfs -o ro sysfs "$R/sys"
mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$R/dev"
for D in null zero full random urandom tty; do : > "$R/dev/$D"; mount --bind "/dev/$D" "$R/dev/$D"; done
ln -s /proc/self/fd "$R/dev/fd"
for N in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${N%:*}" "$R/dev/\${N#*:}"; done
mkdir "$R/dev/shm" "$R/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$R/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$R/dev/pts"
ln -s pts/ptmx "$R/dev/ptmx"
mount -t tmpfs -o mode=755 tmpfs "$R/run"
mount -t tmpfs -o mode=1777 tmpfs "$R/tmp"
hostname "$2"
ip link set lo up
cd "$R"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i container=eddy PATH=$PATH chroot "$R" /lib/systemd/systemd --unit=eddy-machine.target --show-status=0
' sh "$1" "$2"
`;

/** Removes a machine's control group when all in it have ended: $1 a folder, $2 its name. Run by `unshare --mount`. */
export const FORGET_SCRIPT = `set -e
mount -t cgroup2 cgroup2 "$1"
if [ -d "$1/$2" ]; then find "$1/$2" -depth -type d -exec rmdir {} +; fi
`;
