/* The host's go: a byte on this descriptor of the pipeline's for each {"cmd":"go"} that the host sends while it runs. */
#ifndef GO_H
#define GO_H

#define GO_FD 3

#endif
