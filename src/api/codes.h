/* codes: what access codes open, and when what was told of it is old. */
#ifndef ONSALE_API_CODES_H
#define ONSALE_API_CODES_H

#include "api/context.h"

/* An entry of this number (enum booking_entry_number) became durable. */
void codes_entry(struct api *api, uint32_t partition, uint16_t number);

#endif
