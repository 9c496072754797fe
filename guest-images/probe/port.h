/* Finds the virtio-serial port the host named, and says which device node it is. Knows sysfs; refuses to know what is said on it. */
#ifndef PORT_H
#define PORT_H

/* An open descriptor, owned by the caller; -1 when no such port came up within limit_ms. */
int port_open(const char *name, int limit_ms);

#endif
