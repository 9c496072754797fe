/* What the guest's video nodes say of themselves, for the record. Refuses to know which of them a pipeline uses. */
#ifndef V4L2_CAPS_H
#define V4L2_CAPS_H

#include "lines.h"

/* One array: per node its path, driver, capabilities, and the formats that it takes and gives. */
void v4l2_say_caps(struct say *s, const char *key);

#endif
