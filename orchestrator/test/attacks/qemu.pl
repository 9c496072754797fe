# Runs in the place of QEMU in a guest's container, as a QEMU that a guest has broken out into: says what can be seen from there.
use strict;
use warnings;
use IO::Socket::UNIX;
use IO::Socket::INET;

my ($address, $abstract, $home) = @ARGV;
sub told { my ($name, $said) = @_; print STDERR "attack $name = $said\n"; }
sub attempt { my ($name, $done) = @_; told($name, $done ? "DONE" : "refused, $!"); }
sub names { my ($path) = @_; opendir(my $dir, $path) or return "refused, $!"; return join(' ', sort grep { !/^\.\.?$/ } readdir $dir); }
sub written { my ($path) = @_; open(my $file, '>', $path) or return 0; print $file 'attack'; return close $file; }
sub appended { my ($path) = @_; open(my $file, '>>', $path) or return 0; print $file 'attack'; return close $file; }

sub lines_of { my ($path) = @_; open(my $file, '<', $path) or return (); return <$file>; }
sub is_kernels { return $_[0] =~ /^(proc|sysfs|tmpfs|cgroup2?|devpts|mqueue|overlay)$/; }

attempt("tcp $address", IO::Socket::INET->new(PeerAddr => $address, Timeout => 2));
attempt('abstract', IO::Socket::UNIX->new(Peer => "\0$abstract"));
told('interfaces', names('/sys/class/net'));
told('environment', join(' ', sort keys %ENV));
told('processes', join(' ', map { chomp(my @name = lines_of("/proc/$_/comm")); @name } grep { /^\d+$/ } split / /, names('/proc')));
told('files', names('/vlab'));
told('sockets', names('/run/vlab'));
told('devices', names('/dev'));
told('user', join(' ', $>, map { /^CapBnd:\s*(\S+)/ ? $1 : () } lines_of('/proc/self/status')));
told('mounts', join(' ', sort map { my @f = split / /; my ($kind) = / - (\S+)/; is_kernels($kind) ? () : "$f[4]:" . (split /,/, $f[5])[0] } lines_of('/proc/self/mountinfo')));
for my $path ('/vlab/vmlinux', '/vlab/root.erofs', '/vlab/clip0') { attempt("change $path", appended($path)); }
for my $path ('/vlab/x', '/run/vlab/x', '/etc/x', '/usr/bin/x', "$home/x") { attempt("write $path", written($path)); }
for my $path ("$home/tokens.json", '/var/run/docker.sock', '/etc/shadow', '/dev/kvm', '/dev/mem') { my $opened = open(my $file, '<', $path); attempt("read $path", $opened); }
my $control = IO::Socket::UNIX->new(Peer => '/run/vlab/control') or die "no control port: $!";
my $monitor = IO::Socket::UNIX->new(Peer => '/run/vlab/qmp') or die "no monitor port: $!";
print $monitor "not JSON\n" . ('[' x 60000) . "\n" . qq({"QMP":{"version":{"qemu":{"major":1e308,"minor":-1,"micro":0.5}}}}\n) . qq({"event":"__proto__","data":{"__proto__":{"polluted":true}}}\n);
$monitor->flush;
told('end', 'DONE');
sleep 1;
exit 3;
