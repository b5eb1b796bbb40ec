/* page: what a browser sees at the sandbox's address: its books, test cards and faults. */
#ifndef ONSALE_SANDBOX_PAGE_H
#define ONSALE_SANDBOX_PAGE_H

#include "base/slice.h"

struct slice page_html(void); /* constant */

#endif
