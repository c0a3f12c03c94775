// The system's zlib; only looked at in a build with the trait `Compression`.
#ifndef ROOKERY_CZLIB_H
#define ROOKERY_CZLIB_H
#include <zlib.h>
#endif
