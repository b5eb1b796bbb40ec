/*
 * jansson: the JSON reader's header without the four makers whose names our writer (base/json.h)
 * has. Nothing here makes JSON with jansson; include this instead of <jansson.h> wherever both are
 * needed.
 */
#ifndef ONSALE_BASE_JANSSON_H
#define ONSALE_BASE_JANSSON_H

#define json_object jansson_object
#define json_array jansson_array
#define json_string jansson_string
#define json_null jansson_null
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_string
#undef json_null

#endif
